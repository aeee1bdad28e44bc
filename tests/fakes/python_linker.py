"""A batch linker without an engine: the Python scorer over every pair that shares a block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterable, Callable, Sequence
from itertools import combinations

from identity.domain.assignment import scored
from identity.domain.edge import Edge
from identity.domain.model.bundle import Bundle
from identity.domain.model.model import Model
from identity.domain.source_record import RecordId
from identity.ports.linker import LinkerProgress, LinkerRow, Prediction


class PythonLinker:
    """Fulfils ``Linker``. ``meanwhile`` runs after the rows are read, before the answer: what happens while a batch runs."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] | None = None

    async def predict(
        self, rows: AsyncIterable[Sequence[LinkerRow]], *, bundle: Bundle, progress: Callable[[LinkerProgress], None] | None = None
    ) -> Prediction:
        model = Model(bundle)
        blocks: defaultdict[int, list[RecordId]] = defaultdict(list)
        encoded = {}
        async for some in rows:
            for row in some:
                encoded[row.record_id] = model.scorer.encode(row.standard)
                for tag in set(row.block_tags):
                    blocks[tag].append(row.record_id)
            if progress is not None:
                progress(LinkerProgress("loading", len(encoded), 0))
        if self.meanwhile is not None:
            await self.meanwhile()
        cap = bundle.declaration.blocking.cap
        large = [len(block) for block in blocks.values() if len(block) > cap]
        pairs = {pair for block in blocks.values() if len(block) <= cap for pair in combinations(sorted(block), 2)}
        edges: list[Edge] = [edge for left, right in sorted(pairs) if (edge := scored(left, right, encoded, model))]
        return Prediction(edges, len(encoded), len(pairs), len(large), max(large, default=0))
