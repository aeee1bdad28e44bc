"""A receipt's way: recorded on the command line, asked for over mTLS, verified with a copy of the published keys alone."""

import shutil
from uuid import UUID

from services.consent.client import connect
from services.identity.client import ClientIdentity
from services.wiring.receipts import KEY_SET


async def test_a_receipt_that_a_caller_is_given_verifies_where_there_is_no_entente(home, tmp_path):
    said = home.report("consent", "record", "--source", "crm", "--key", "zoe-4711", "--event", "given", "--purpose", "offers-email")
    pki = home.path / "pki"
    crm = ClientIdentity.read(pki / "callers/crm.key", pki / "callers/crm.pem", pki / "ca.pem")
    with home.served(ENTENTE_WORKERS="2", ENTENTE_CONTROLLER="Exemple SA, 1 rue des Lilas, 75001 Paris") as server:
        async with connect(server.address, crm) as services:
            receipts = [await services.consents.receipt("crm", "zoe-4711", UUID(said["event_id"])) for _ in range(4)]
    assert len({receipt.document for receipt in receipts}) == 1, "one event has one receipt, whoever of the workers answers"
    assert b"zoe-4711" not in receipts[0].document
    assert "Exemple SA" in receipts[0].document.decode()

    keys = shutil.copy(home.path / KEY_SET, tmp_path / "keys.json")
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(receipts[0].document)
    elsewhere = {"ENTENTE_HOME": str(tmp_path / "nowhere")}
    told = home.report("verify", "receipt", receipt, "--keys", keys, **elsewhere)
    assert (told["valid"], told["event_id"], told["event"], told["source"]) == (True, said["event_id"], "given", "crm")
    assert home.done("verify", "receipt", receipt).code == 0

    receipt.write_bytes(receipts[0].document.replace(b'"given"', b'"lifted"'))
    assert home.run("verify", "receipt", receipt, "--keys", keys, **elsewhere).code == 1
    assert not (tmp_path / "nowhere").exists()
    assert (home.path / "keys/receipts.key").stat().st_mode & 0o777 == 0o600
