"""The key that signs receipts: made once, kept from others, and its public half never lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from consent.adapters.receipts import PublicKeySet, ReceiptKeyError, open_receipt_key, publish_key


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "keys" / "receipts.key"
    key = open_receipt_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert open_receipt_key(path).key_id == key.key_id
    assert list(path.parent.iterdir()) == [path]


def test_starts_at_once_agree_on_one_key(tmp_path):
    path = tmp_path / "receipts.key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: open_receipt_key(path).key_id, range(16)))
    assert len(set(keys)) == 1


def test_a_key_does_not_show_itself(tmp_path):
    path = tmp_path / "receipts.key"
    assert path.name not in repr(open_receipt_key(path))
    assert path.read_text().strip() not in repr(open_receipt_key(path))


def spoil_mode(path):
    path.chmod(0o640)


def spoil_content(path):
    path.write_text("no key\n")


def spoil_length(path):
    path.write_text("00" * 31)


def spoil_kind(path):
    path.unlink()
    path.mkdir()


def spoil_link(path):
    path.rename(path.with_suffix(".old"))
    path.symlink_to(path.with_suffix(".old"))


@pytest.mark.parametrize("spoil", [spoil_mode, spoil_content, spoil_length, spoil_kind, spoil_link])
def test_a_key_file_that_is_not_as_it_must_be_is_refused(tmp_path, spoil):
    path = tmp_path / "receipts.key"
    open_receipt_key(path)
    spoil(path)
    with pytest.raises(ReceiptKeyError) as caught:
        open_receipt_key(path)
    assert caught.value.file == "receipts.key"


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path):
    (tmp_path / "receipts.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReceiptKeyError):
        open_receipt_key(tmp_path / "receipts.key")
    assert not (tmp_path / "elsewhere").exists()


def test_a_new_key_joins_the_published_ones(tmp_path):
    published = tmp_path / "receipts.jwks.json"
    first, second = open_receipt_key(tmp_path / "a.key"), open_receipt_key(tmp_path / "b.key")
    publish_key(published, first)
    before = published.read_bytes()
    publish_key(published, first)
    assert published.read_bytes() == before
    publish_key(published, second)
    assert set(PublicKeySet.from_jwks(published.read_bytes()).key_ids) == {first.key_id, second.key_id}
    assert published.stat().st_mode & 0o777 == 0o644


def test_a_published_set_that_is_damaged_is_not_overwritten(tmp_path):
    published = tmp_path / "receipts.jwks.json"
    published.write_text("damaged")
    with pytest.raises(ReceiptKeyError):
        publish_key(published, open_receipt_key(tmp_path / "a.key"))
    assert published.read_text() == "damaged"
