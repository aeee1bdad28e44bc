"""``entente demo`` tells the main job from end to end, as often as one likes, and never among real records."""

from __future__ import annotations


def test_the_demo_runs_twice_in_a_row_and_then_answers_on_its_data(home):
    first = home.done("demo", "--people", "300")
    assert "precision" in first.out
    assert "PERMISSION_DENIED" in first.out, "marketing is refused before the eyes of the reader"
    assert "The person said yes to this use." in first.said
    assert "The person had accepted this use, then changed their mind." in first.said
    assert first.out.count("kept back") == 2, "the same call, the next instant, gets none of the two attributes"
    again = home.done("demo", "--people", "300", ENTENTE_LANG="fr")
    assert "précision" in again.out
    assert "La personne avait accepté cette utilisation, puis a changé d'avis." in again.said
    assert len(set(home.memberships().values())) > 200, "the data stay, to be asked about"
    other = home.run("demo", "--people", "400")
    assert other.code == 2
    assert "fresh home" in other.said


def test_the_demo_keeps_out_of_a_home_that_holds_records(home):
    home.ingest("crm", [("1", "Zoé", "Durand", "1985-04-03", "", "")])
    refused = home.run("demo", "--people", "300")
    assert refused.code == 2
    assert "holds 1 records already" in refused.said
