"""Checks of arguments that are made before a mutation runs.

Where an argument deep in the selection of a mutation is found to be wrong only when its field is
resolved, Connects or anything else may have been spent already. So a resolver declares what can be
known of its arguments beforehand, and a plan runs these checks before it executes any mutation.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from graphql import FieldNode, GraphQLError, VariableValues

from serving.application import Context

F = TypeVar("F", bound=Callable[..., Any])

ArgumentCheck = Callable[[Any, Mapping[str, Any]], None]
"""Given the operation's context and the arguments by their Python names.

Raises what the resolver would raise. It must neither wait nor change anything.
"""
_CHECKS: Final = "argument_checks"


def checked(check: ArgumentCheck) -> Callable[[F], F]:
    """Declares a check of a resolver's arguments. Decorators that use `functools.wraps` keep it."""

    def decorate(resolve: F) -> F:
        setattr(resolve, _CHECKS, (*checks_of(resolve), check))
        return resolve

    return decorate


def checks_of(resolve: object) -> tuple[ArgumentCheck, ...]:
    """The checks that were declared for a resolver."""
    found: tuple[ArgumentCheck, ...] = getattr(resolve, _CHECKS, ())
    return found


class Checked(NamedTuple):
    """The arguments of one field of a document, and how to find out what is wrong with them."""

    node: FieldNode
    arguments: Callable[[VariableValues], Mapping[str, Any]]
    """Raises a GraphQLError for arguments that do not fit their types."""
    checks: tuple[ArgumentCheck, ...]


def wrong_arguments(
    fields: Iterable[Checked], variables: VariableValues, context: Context
) -> list[GraphQLError]:
    """What is wrong: an error for each field, without a path, because nothing was executed."""
    errors = []
    for field in fields:
        try:
            arguments = field.arguments(variables)
            for check in field.checks:
                check(context, arguments)
        except GraphQLError as error:
            errors.append(error)
        except Exception as error:
            errors.append(GraphQLError(str(error), field.node, original_error=error))
    return errors
