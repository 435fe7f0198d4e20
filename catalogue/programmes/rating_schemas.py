"""Fields of request and response bodies for records with a delivery confidence rating."""

from catalogue.core.rest.schemas import Choice, ReadSchema, Text, WriteSchema
from catalogue.programmes.vocabulary import Rag

_RAG = {
    "description": "Delivery confidence. It needs `rag_narrative`. Null if not rated.",
    "example": "amber",
}
_PREVIOUS_RAG = {
    "description": "The rating before the last change of `rag`. Null if there was none.",
    "example": "green",
}
_NARRATIVE = {
    "description": "The reasons for the rating. Null if not rated.",
    "example": "Second trial load failed.",
}
_PATH = {
    "description": "The action that will turn the rating green. "
    "Amber and red need it. Otherwise it can be null.",
    "example": "A third trial load in December.",
}


class RatedWrite(WriteSchema):
    """A record's delivery confidence to write, with its reasons."""

    rag = Choice(Rag, allow_none=True, metadata=_RAG)
    rag_narrative = Text(max=2000, allow_none=True, metadata=_NARRATIVE)
    path_to_green = Text(max=2000, allow_none=True, metadata=_PATH)


class RatedSchema(ReadSchema):
    """The delivery confidence of a record, with its reasons and the previous rating."""

    rag = Choice(Rag, allow_none=True, metadata=_RAG)
    previous_rag = Choice(Rag, allow_none=True, metadata=_PREVIOUS_RAG)
    rag_narrative = Text(allow_none=True, metadata=_NARRATIVE)
    path_to_green = Text(allow_none=True, metadata=_PATH)
