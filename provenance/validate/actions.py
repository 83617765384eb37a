"""Do the actions make sense: one inception, first; and the ingredients that each needs?

Source: C2PA 2.2 §18.14.4, §15.10.3.2.1.
"""

from collections.abc import Iterator, Sequence

from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri
from provenance.model.assertions.actions import INCEPTIONS, OPENED, PLACED, Action, Actions
from provenance.model.assertions.ingredient import Ingredient, Relationship
from provenance.model.hashed_uri import HashedUri
from provenance.model.store import ManifestKind
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading, Typed
from provenance.validate.status import Status
from provenance.validate.version import SpecVersion

__all__ = ["check_actions"]

_UPDATE_ACTIONS = frozenset(
    ("c2pa.edited.metadata", "c2pa.opened", "c2pa.published", "c2pa.redacted")
)
_KEEP_PARENT = frozenset(("c2pa.transcoded", "c2pa.repackaged"))
_REMOVED = "c2pa.removed"
_REDACTED = "c2pa.redacted"
_OWN_CODE = (2, 5)  # from then on, having no actions has a code of its own
_BOUND = frozenset(("c2pa.watermarked", "c2pa.watermarked.bound"))


def check_actions(
    reading: Reading, version: SpecVersion | None, context: Context
) -> Iterator[Finding]:
    """All actions assertions of a manifest.

    Args:
        reading: the manifest.
        version: of the standard that it follows, as far as that is known.
        context: the chain.
    """
    if reading.claim is None:
        return
    for assertion in reading.actions:
        if assertion.problem is not None and assertion.listed.problem is None:
            yield Finding(Status.ACTION_MALFORMED, assertion.listed.url, assertion.problem.problem)
    yield from _check_inception(reading, version)
    for assertion in reading.actions:
        if assertion.content is not None:
            for action in assertion.content.actions:
                yield from _check_action(action, assertion, reading, context)


def _check_inception(reading: Reading, version: SpecVersion | None) -> Iterator[Finding]:
    # Version 1 claims were made before the rule, and no validator has held them to it.
    if reading.claim is None or reading.claim.version < 2:
        return
    if reading.manifest.kind is ManifestKind.UPDATE:
        return
    if not reading.actions:
        named = version is not None and version >= _OWN_CODE
        code = Status.CLAIM_ACTIONS_MISSING if named else Status.ACTION_MALFORMED
        yield Finding(code, reading.claim_url, "no actions: how did it begin?")
        return
    wrong = list(_misplaced(reading.actions))
    if wrong:
        yield from wrong
        return
    first = reading.actions[0]
    if first.content is not None and first.content.actions[0].action not in INCEPTIONS:
        yield Finding(
            Status.ACTION_MALFORMED,
            first.listed.url,
            f"the first action is {first.content.actions[0].action[:60]}, not created or opened",
        )


def _misplaced(assertions: Sequence[Typed[Actions]]) -> Iterator[Finding]:
    for place, assertion in enumerate(assertions):
        for index, action in enumerate(assertion.content.actions if assertion.content else ()):
            if action.action in INCEPTIONS and (place, index) != (0, 0):
                yield Finding(
                    Status.ACTION_MALFORMED,
                    assertion.listed.url,
                    f"{action.action} is no. {index + 1} of assertion {place + 1}, not the first",
                )


def _check_action(
    action: Action, assertion: Typed[Actions], reading: Reading, context: Context
) -> Iterator[Finding]:
    url = assertion.listed.url
    kind = action.action
    if reading.manifest.kind is ManifestKind.UPDATE and kind not in _UPDATE_ACTIONS:
        yield Finding(Status.MANIFEST_UPDATE_INVALID, reading.claim_url, f"it has {kind[:60]}")
    if kind in (OPENED, PLACED, _REMOVED):
        if not action.ingredients:
            # Version 1 often left them out; §15.10.3.2.1 asks for them in either version.
            if reading.claim is not None and reading.claim.version > 1:
                yield Finding(Status.ACTION_INGREDIENT_MISMATCH, url, f"{kind} names no ingredient")
            return
        yield from _check_targets(action, url, reading, context)
        yield from _check_side(action, assertion, reading)
    elif kind in _KEEP_PARENT and action.ingredients:
        yield from _check_targets(action, url, reading, context)
    elif kind == _REDACTED:
        yield from _check_redaction(action, url, reading)
    elif kind in _BOUND and not any(reading.named("c2pa.soft-binding")):
        yield Finding(Status.ACTION_SOFT_BINDING_MISSING, url, f"{kind} without a soft binding")


def _check_targets(
    action: Action, url: str, reading: Reading, context: Context
) -> Iterator[Finding]:
    refs = action.ingredients or ()
    if action.action == OPENED and len(refs) != 1:
        yield Finding(
            Status.ACTION_INGREDIENT_MISMATCH, url, f"opened names {len(refs)} ingredients, not 1"
        )
        return
    component = action.action in (PLACED, _REMOVED)
    wanted = Relationship.COMPONENT_OF if component else Relationship.PARENT_OF
    elsewhere = action.action == _REMOVED
    for ref in refs:
        found = _ingredient(ref, reading, context, elsewhere=elsewhere)
        if found is None or found.relationship != wanted:
            kind = "nothing" if found is None else found.relationship
            yield Finding(
                Status.ACTION_INGREDIENT_MISMATCH,
                url,
                f"{action.action} needs a {wanted} ingredient; {ref.url[:120]} is {kind}",
            )


def _check_side(action: Action, assertion: Typed[Actions], reading: Reading) -> Iterator[Finding]:
    """Does the signer vouch for the action and for its ingredient alike? (2.5 §14.10.3)"""
    if action.action == _REMOVED:
        return
    sides = reading.sides
    for ref in action.ingredients or ():
        side = sides.get(ref.url.rpartition("/")[2])
        if side is not None and side != assertion.listed.created:
            yield Finding(
                Status.ACTION_INGREDIENT_LOCATION_MISMATCH,
                assertion.listed.url,
                f"{action.action} and {ref.url[:120]}: one is created, the other gathered",
            )


def _ingredient(
    ref: HashedUri, reading: Reading, context: Context, *, elsewhere: bool
) -> Ingredient | None:
    try:
        uri = JumbfUri.parse(ref.url).within(reading.manifest.label)
    except MalformedError:
        return None
    if uri.labels[:1] != (reading.manifest.label,) and not elsewhere:
        return None
    holder = context.readings.get(uri.labels[0]) if uri.labels else None
    return holder.ingredients_by_uri.get(uri) if holder else None


def _check_redaction(action: Action, url: str, reading: Reading) -> Iterator[Finding]:
    target = action.parameters.get("redacted")
    if not isinstance(target, str) or target not in reading.redacts:
        yield Finding(
            Status.ACTION_REDACTION_MISMATCH, url, "redacted names nothing that the claim redacts"
        )
