"""Numbers of Postgres' advisory locks, so that every process means the same one."""

(
    PARTITION_LOCK,
    BLOCK_LOCK,
    ROLLUP_LOCK,
    VIDEO_LOCK,
    TWO_WAY_LOCK,
    START_LOCK,
    PLAYABLE_LOCK,
    BEAT_LOCK,
) = range(20_100_101, 20_100_109)
