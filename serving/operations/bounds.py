"""Maximum lengths of lists in arguments and input fields, declared with each of them.

Resolvers refuse longer lists with the schema's own error types. Lists in a document are rejected
with it, because they are built again wherever a fragment is spread.
"""

from typing import Any, Final

from graphql import (
    ArgumentNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    ListValueNode,
    ObjectFieldNode,
    ValidationContext,
    ValidationRule,
    VariableDefinitionNode,
    get_named_type,
    is_input_object_type,
)

LONGEST: Final = 1_000
"""For lists without a bound of their own: defaults of variables."""
_MOST: Final = "most"
_DEFINITION: Final = "strawberry-definition"


def at_most(number: int) -> dict[str, int]:
    """Returns the metadata of a list of at most that many values. Its description includes it."""
    return {_MOST: number}


def most_of(definition: GraphQLArgument | GraphQLInputField) -> int | None:
    """Returns the bound declared with `at_most`, from Strawberry's metadata or extensions."""
    strawberry = definition.extensions.get(_DEFINITION)
    metadata: Any = definition.extensions if strawberry is None else strawberry.metadata
    most: int | None = metadata.get(_MOST)
    return most


class ListLengthsRule(ValidationRule):
    """Validates that lists in a document are not longer than allowed."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._around: list[tuple[str, int | None]] = []
        """The names around a value, and how many values it may have."""

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        argument = self.context.get_argument()
        self._around.append((node.name.value, most_of(argument) if argument else None))

    def leave_argument(self, *_: Any) -> None:
        self._around.pop()

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        parent = get_named_type(self.context.get_parent_input_type())
        field = parent.fields.get(node.name.value) if is_input_object_type(parent) else None
        self._around.append((node.name.value, most_of(field) if field else None))

    def leave_object_field(self, *_: Any) -> None:
        self._around.pop()

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        self._around.append((f"${node.variable.name.value}", None))

    def leave_variable_definition(self, *_: Any) -> None:
        self._around.pop()

    def enter_list_value(self, node: ListValueNode, *_: Any) -> None:
        most, found = self._around[-1][1] or LONGEST, len(node.values)
        if found > most:
            path = ".".join(name for name, _ in self._around)
            message = f"{path}: may be at most {most}, not {found}"
            self.report_error(GraphQLError(message, node, extensions={"code": "BAD_USER_INPUT"}))
