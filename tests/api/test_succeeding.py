"""Every operation succeeds with the document's example, and answers as the document says."""

from tests.api.surface import JSON, OPERATIONS, Op, conforms, each, resolved
from tests.api.world import Sent, World


@each(OPERATIONS)
def test_example_is_accepted_and_answered_as_documented(op: Op, world: World, sent: Sent) -> None:
    answer = sent.by(world.owner)
    assert answer.status_code in op.successes, answer.text
    documented = op.successes[answer.status_code]
    content = documented.get("content")
    if answer.status_code == 204:
        assert (content, answer.data) == (None, b"")
    else:
        assert content, f"{op}: what it answers is not documented"
        assert answer.mimetype == op.kernel.media
    if answer.mimetype == JSON:
        assert conforms(answer.json, content[JSON]["schema"]) == []
    for name, header in documented.get("headers", {}).items():
        assert name in answer.headers or not resolved(header).get("required"), name
