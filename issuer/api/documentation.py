"""/api/openapi.json and /api/docs: the page is made here on the server from the same document. No script, no CDN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apispec import APISpec
from flask import Blueprint, Response, json, render_template

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema as the page shows it: `type` in words, `link` to its own section if it has a name."""

    type: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    shape: Shape
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Body:
    content_type: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    description: str
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    parameters: tuple[Property, ...]
    bodies: tuple[Body, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one tag."""

    id: str
    title: str
    description: str
    operations: list[Operation] = field(default_factory=list)


def groups(spec: Mapping[str, Any]) -> list[Group]:
    """The operations of an OpenAPI 3.1 document by tag, in the order of its tags."""
    found = {
        tag["name"]: Group(tag["name"], tag["name"].removeprefix("api_").capitalize(), tag.get("description", ""))
        for tag in spec.get("tags", ())
    }
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                tag = operation["tags"][0]
                found[tag].operations.append(_operation(spec, path, method, item, operation))
    return [group for group in found.values() if group.operations]


def shapes(spec: Mapping[str, Any]) -> Iterator[tuple[str, list[Property]]]:
    """(name, properties) of every named schema."""
    for name, schema in sorted(spec.get("components", {}).get("schemas", {}).items()):
        yield name, list(_properties(schema))


def _operation(
    spec: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> Operation:
    parameters = [_resolve(spec, each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    security = operation.get("security") or [{}]
    return Operation(
        id=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        scope=" ".join(scope for each in security for scopes in each.values() for scope in scopes),
        parameters=tuple(
            Property(
                p["name"],
                Shape(f"{p['in']}, {_shape(p.get('schema', {})).type}"),
                bool(p.get("required")),
                p.get("description", ""),
            )
            for p in parameters
        ),
        bodies=tuple(_bodies(_resolve(spec, operation.get("requestBody", {})))),
        answers=tuple(
            Answer(status, answer.get("description", ""), tuple(_bodies(answer)))
            for status, answer in ((s, _resolve(spec, a)) for s, a in sorted(operation["responses"].items()))
        ),
    )


def _bodies(holder: Mapping[str, Any]) -> Iterator[Body]:
    for content_type, body in holder.get("content", {}).items():
        yield Body(content_type, _shape(body.get("schema", {})))


def _resolve(spec: Mapping[str, Any], thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follows a reference within the document, such as `#/components/responses/NOT_FOUND`."""
    if "$ref" not in thing:
        return thing
    found: Any = spec
    for step in thing["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found  # type: ignore[no-any-return]  # what a reference of our own document points to is an object


def _properties(schema: Mapping[str, Any]) -> Iterator[Property]:
    required = set(schema.get("required", ()))
    for name, value in schema.get("properties", {}).items():
        yield Property(name, _shape(value), name in required, value.get("description", ""))


def _shape(schema: Mapping[str, Any]) -> Shape:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return Shape(name, f"schema-{name}")
    for word in ("allOf", "anyOf", "oneOf"):
        if word in schema:
            inner = [_shape(each) for each in schema[word]]
            return Shape(" or ".join(each.type for each in inner), next((each.link for each in inner if each.link), ""))
    if schema.get("type") == "array":
        inner_shape = _shape(schema.get("items", {}))
        return Shape(f"list of {inner_shape.type}", inner_shape.link)
    if "enum" in schema:
        return Shape("one of " + ", ".join(str(value) for value in schema["enum"] if value is not None))
    kind = schema.get("type", "any")
    words = " or ".join(kind) if isinstance(kind, list) else kind
    return Shape(f"{words} ({schema['format']})" if "format" in schema else words)


def blueprint(spec: APISpec) -> Blueprint:
    """Serves the document and its page. `spec` is read at the first request, when every resource is in it."""
    pages = Blueprint("api_documentation", __name__, url_prefix="/api")

    @pages.get("/openapi.json")
    def openapi() -> Response:
        return Response(json.dumps(spec.to_dict(), indent=1), content_type="application/json")

    @pages.get("/docs")
    def docs() -> str:
        document = spec.to_dict()
        return render_template("api/docs.html", spec=document, groups=groups(document), shapes=list(shapes(document)))

    return pages
