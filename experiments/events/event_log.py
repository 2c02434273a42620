"""The event log: where batches are kept before they are stored, where one is named.

Web servers then need the store only for what comes after an answer: a batch is acknowledged when
the log has it, and `drain` moves it on. The log is a stream of NATS JetStream that holds what is
not stored yet: a block of it is stored, and then taken away. Stored twice, it changes nothing, for
a key is stored once; so whatever is killed loses nothing, and nothing is counted twice.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import TimeoutError as NoAnswerError
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from django.conf import settings

from experiments.errors import NotReadyError
from experiments.events.impressions import Row

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

STREAM, SUBJECT = "coverlift-events", "coverlift.events"
PATIENCE_S = 5.0
MESSAGES_A_BLOCK = 500
COPIES = 3  # as many as there are servers, at most: with two of three there, none is lost
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Row]).decode
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Block:
    """A whole range of the log.

    Attributes:
        first: number of its first message.
        last: number of its last.
        rows: of distinct keys, the first of each.
    """

    first: int
    last: int
    rows: Sequence[Row]


class EventLog:
    """A stream of batches, reached from any thread of this process."""

    def __init__(self, servers: Sequence[str]) -> None:
        """Take the servers' addresses; who speaks to them does so in a thread of its own."""
        self._servers = list(servers)
        self._loop = asyncio.new_event_loop()
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None
        self._reader: JetStreamContext.PullSubscription | None = None  # of what follows
        self._reading: JetStreamContext.PullSubscription | None = None  # of the block under way
        self._connecting = asyncio.Lock()
        self._thread = Thread(target=self._loop.run_forever, name="event log", daemon=True)
        self._thread.start()

    def append(self, rows: Sequence[Row]) -> None:
        """Keep rows; return when most of the servers have them on the disk.

        Raises:
            NotReadyError: where they do not say so in time: send the rows again.
        """
        self._run(self._append(_encode(rows)))

    def next_block(self) -> Block | None:
        """Return the first messages that are there, or None where there are none.

        Raises:
            NotReadyError: where the servers do not answer.
        """
        return self._run(self._next_block())

    def take_away(self, block: Block) -> None:
        """Delete the messages of a block, and all before it.

        Raises:
            NotReadyError: where the servers do not answer; they may be there, or not.
        """
        self._run(self._take_away(block.last))

    def close(self) -> None:
        """End the connection and its thread."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        from nats.errors import ConnectionClosedError, Error  # noqa: PLC0415  only where it is used

        client = self._client
        answer = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return answer.result(timeout=2 * PATIENCE_S)
        except (Error, NoAnswerError, OSError) as error:
            answer.cancel()
            if client and isinstance(error, OSError | ConnectionClosedError):
                asyncio.run_coroutine_threadsafe(self._give_up(client), self._loop)
            raise NotReadyError(f"the event log does not answer: {error or 'too late'}") from error

    async def _give_up(self, client: "Client") -> None:
        """Close a connection that brings no answer, so that the next call makes another.

        Its server may hang while the others are well: the client itself waits for minutes.
        """
        if client is self._client:
            self._client = self._stream = self._reader = self._reading = None
            await client.close()

    async def _connected(self) -> "JetStreamContext":
        async with self._connecting:
            if self._client is None:
                self._client = await self._connect()
            if self._stream is None:
                self._stream = await self._made_stream(self._client)
        return self._stream

    async def _connect(self) -> "Client":
        from nats.aio.client import Client  # noqa: PLC0415  not installed where there is no log

        client = Client()
        try:
            await client.connect(
                servers=self._servers, connect_timeout=2, max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,  # type: ignore[arg-type]  # it takes fractions, too
                error_cb=_ignore,
            )  # fmt: skip
        except BaseException:
            # Of a call that took too long: nobody else knows of it, and nobody waits for its end.
            asyncio.run_coroutine_threadsafe(client.close(), self._loop)
            raise
        return client

    async def _made_stream(self, client: "Client") -> "JetStreamContext":
        from nats.js.api import DiscardPolicy, StorageType, StreamConfig  # noqa: PLC0415

        stream = client.jetstream(timeout=PATIENCE_S)
        await stream.add_stream(
            StreamConfig(
                name=STREAM, subjects=[SUBJECT], storage=StorageType.FILE,
                num_replicas=min(len(self._servers), COPIES),
                discard=DiscardPolicy.NEW,  # full, it refuses; it never forgets
            )
        )  # fmt: skip
        return stream

    async def _append(self, batch: bytes) -> None:
        stream = await self._connected()
        await stream.publish(SUBJECT, batch, stream=STREAM, timeout=PATIENCE_S)

    async def _next_block(self) -> Block | None:
        stream = await self._connected()
        if not (await stream.stream_info(STREAM)).state.messages:
            return None
        # It goes on with what follows; where the last block is still there, another begins anew.
        self._reading, self._reader = self._reader or await self._new_reader(stream), None
        messages = await self._reading.fetch(MESSAGES_A_BLOCK, timeout=PATIENCE_S)
        numbers = [message.metadata.sequence.stream for message in messages]
        return _block(numbers, [_decode(message.data) for message in messages])

    async def _new_reader(self, stream: "JetStreamContext") -> "JetStreamContext.PullSubscription":
        from nats.js.api import AckPolicy, ConsumerConfig  # noqa: PLC0415

        config = ConsumerConfig(ack_policy=AckPolicy.NONE, mem_storage=True, num_replicas=1)
        return await stream.pull_subscribe(SUBJECT, stream=STREAM, config=config)

    async def _take_away(self, last: int) -> None:
        stream = await self._connected()
        await stream.purge_stream(STREAM, seq=last + 1)
        self._reader, self._reading = self._reading, None

    async def _close(self) -> None:
        if self._client is not None:
            await self._client.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ignore(_: Exception) -> None:
    """Say nothing of a server that is lost: whoever waits for an answer is told."""


def _block(numbers: Sequence[int], batches: Sequence[Sequence[Row]]) -> Block:
    """Return a block without a gap: what is taken away is what was read.

    Raises:
        NotReadyError: where a message between others did not come.
    """
    if list(numbers) != list(range(numbers[0], numbers[0] + len(numbers))):
        raise NotReadyError(f"messages of the event log are missing between {numbers[0]} and "
                            f"{numbers[-1]}; they are asked for again")  # fmt: skip
    rows: dict[int, Row] = {}
    for batch in batches:
        for row in batch:
            rows.setdefault(row[0], row)
    return Block(numbers[0], numbers[-1], list(rows.values()))


@cache
def event_log() -> EventLog | None:
    """Return this process's event log, or None where events are stored at once."""
    return EventLog(settings.EVENT_LOG) if settings.EVENT_LOG else None
