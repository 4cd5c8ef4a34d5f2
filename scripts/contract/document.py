"""The OpenAPI document as the walk needs it: what is stated, and whether an answer is what was stated."""

import json
import pathlib

import jsonschema
import yaml

PATH = pathlib.Path(__file__).resolve().parents[2] / "openapi" / "openapi.yaml"
METHODS = ("get", "put", "post", "delete", "patch")


class Document:
    def __init__(self):
        self.bytes = PATH.read_bytes()
        self.tree = yaml.safe_load(self.bytes)

    def operations(self):
        """Every (method, path) of the document, the method in capitals."""
        for path, item in self.tree["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path

    def statuses(self, method, path):
        return [int(status) for status in self.tree["paths"][path][method.lower()]["responses"]]

    def answer(self, method, path, status):
        """The stated response, or None."""
        stated = self.tree["paths"][path][method.lower()]["responses"].get(str(status))
        return self._resolved(stated) if stated else None

    def errors(self, schema_name, value):
        """What is wrong with a value that should be of the named schema, one line each."""
        return self._errors({"$ref": f"#/components/schemas/{schema_name}"}, value)

    def errors_of(self, schema, value):
        """The same of a schema at hand."""
        return self._errors(schema, value)

    def faults(self, method, path, status, headers, body):
        """How an answer differs from what the document states for it, one line each."""
        stated = self.answer(method, path, status)
        if stated is None:
            return [f"status {status} is not stated"]
        faults = []
        for name, header in stated.get("headers", {}).items():
            if name not in headers and self._resolved(header).get("required"):
                faults.append(f"no header {name}")
        content = stated.get("content")
        if not content:
            return faults
        found = headers.get("Content-Type", "")
        media = next((media for media in content if _same_type(media, found)), None)
        if media is None:
            return [*faults, f"Content-Type {found!r}, expected one of {', '.join(content)}"]
        value = body.decode(errors="replace")
        if "json" in media and "ndjson" not in media:
            try:
                value = json.loads(body)
            except ValueError as error:
                return [*faults, f"the body is not JSON: {error}"]
        faults += self._errors(content[media]["schema"], value)
        if media == "application/problem+json" and not faults and value["status"] != status:
            faults.append(f"the problem's status is {value['status']}")
        return faults

    def _resolved(self, node):
        while "$ref" in node:
            name = node["$ref"].removeprefix("#/").split("/")
            node = self.tree
            for part in name:
                node = node[part]
        return node

    def _errors(self, schema, value):
        if not isinstance(schema, dict):
            return []
        # The components come along so that a reference into them resolves.
        whole = {**schema, "components": self.tree["components"]}
        validator = jsonschema.Draft202012Validator(whole)
        return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


def _same_type(stated, found):
    """Whether two media types are the same, with the parameters that the document states."""
    stated_parts, found_parts = ([part.strip().lower() for part in text.split(";")] for text in (stated, found))
    return stated_parts[0] == found_parts[0] and set(stated_parts) <= set(found_parts)
