"""A large file is stored at once and linked in a batch, which can be tried first and refused for what it would disturb."""

from __future__ import annotations

from collections import Counter

from services.database.embedded import embedded_database
from tests.e2e.crowd import crowd
from tests.fixtures_database import held_open

PERSONS = 2600


def test_a_bulk_load_waits_for_the_link_and_the_link_for_consent_to_what_it_disturbs(home):
    rows = crowd(PERSONS)
    with held_open(embedded_database(home.path)):
        loaded = home.ingest("bulk", rows)
        assert (loaded["created"], loaded["linked"]) == (2 * PERSONS, False)
        alone = home.memberships()
        assert len(set(alone.values())) == 2 * PERSONS

        tried = home.report("link", "--dry-run")
        assert tried["identities_after"] < 0.6 * tried["identities_before"] == 0.6 * 2 * PERSONS
        assert home.memberships() == alone, "a dry run changes nothing"

        linked = home.report("link")
        assert linked["identities_after"] == tried["identities_after"]
        together = home.memberships()
        assert Counter(Counter(together.values()).values())[2] > 0.9 * PERSONS
        assert set(together.values()) <= set(alone.values()), "who joins takes over an id that was there"

        # Every second record now tells of somebody else: each established identity would be torn.
        others = [(key, *rows[(place + 2 * (place % 2)) % len(rows)][1:5], "") for place, (key, *_) in enumerate(rows)]
        assert home.ingest("bulk", others)["updated"] == 2 * PERSONS
        refused = home.run("link", "--json")
        assert (refused.code, refused.out) == (1, "")
        assert "CHURN_OVER_BUDGET" in refused.err
        assert home.memberships() == together, "a link that is refused changes nothing"
        assert home.report("link", "--churn-budget", "1")["moved"] > 0.9 * PERSONS
