"""What a work is to the one that it was made of: by relationship and kind, never by title.

child, parent    media            model             dataset      prompt
media            edited, composed generatedBy       trainedOn    promptedBy
model            trainedOn        finetunedFrom …   trainedOn    promptedBy
dataset          composed         generatedBy       composed     promptedBy
"""

from provenance.chain.graph import Relation, WorkKind
from provenance.chain.works import MODELS

__all__ = ["relation_of"]

_AMONG_MODELS = frozenset((Relation.FINETUNED_FROM, Relation.MERGED_FROM, Relation.ADAPTER_OF))
_AMONG_MEDIA = frozenset((Relation.EDITED, Relation.COMPOSED))


def relation_of(
    child: WorkKind, parent: WorkKind, relationship: str, told: str | None = None
) -> Relation:
    """The relation of an edge.

    Args:
        child: what was made.
        parent: what it was made of.
        relationship: `parentOf`, `componentOf` or `inputTo`.
        told: what the child's contribution calls it; chooses among those that are alike.
    """
    found = _found(child, parent, relationship)
    for alike in (_AMONG_MODELS, _AMONG_MEDIA):
        if found in alike and told in set(alike):
            return Relation(told)
    return found


def _found(child: WorkKind, parent: WorkKind, relationship: str) -> Relation:
    if parent is WorkKind.PROMPT:
        return Relation.PROMPTED_BY
    if child in MODELS:
        if parent not in MODELS:
            return Relation.TRAINED_ON
        if child is WorkKind.MERGE:
            return Relation.MERGED_FROM
        return Relation.ADAPTER_OF if child is WorkKind.ADAPTER else Relation.FINETUNED_FROM
    if parent in MODELS and relationship == "inputTo":
        return Relation.GENERATED_BY
    if parent is WorkKind.DATASET and child is not WorkKind.DATASET and relationship == "inputTo":
        return Relation.TRAINED_ON
    return Relation.EDITED if relationship == "parentOf" else Relation.COMPOSED
