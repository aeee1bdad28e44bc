from datetime import UTC, datetime

from identity.adapters.system import RandomIds, SystemClock


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_fresh_ids_are_version_7_of_the_rfc_variant_and_carry_their_millisecond():
    fresh = RandomIds(FixedClock()).new()
    assert fresh.version == 7
    assert fresh.variant == "specified in RFC 4122"
    assert fresh.int >> 80 == int(FixedClock().now().timestamp() * 1000)


def test_ids_of_one_millisecond_differ():
    ids = RandomIds(FixedClock())
    assert len({ids.new() for _ in range(1000)}) == 1000


def test_many_ids_ascend_and_keep_their_last_bits_random():
    many = RandomIds(FixedClock()).many(1000)
    assert many == sorted(set(many))
    assert all((one.version, one.variant) == (7, "specified in RFC 4122") for one in many)
    assert len({one.bytes[15] for one in many}) > 200
    assert len({one.int >> 64 & 0xFFF for one in many}) > 600
    assert RandomIds(FixedClock()).many(0) == []


def test_the_system_clock_tells_utc():
    assert SystemClock().now().tzinfo is UTC
