"""Optional arguments without a default in the schema, where Strawberry writes `= null`."""

from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    Undefined,
    is_interface_type,
    is_object_type,
)


def leave_out_null_defaults(graphql_schema: GraphQLSchema) -> None:
    """Takes them out of `graphql_schema`: what is not given is None for resolvers all the same.

    Generated clients make a null of each, and send it, where the default is null.
    """
    for kind in graphql_schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            inputs = [*kind.fields.values()]
        elif is_object_type(kind) or is_interface_type(kind):
            fields = kind.fields.values()
            inputs = [argument for field in fields for argument in field.args.values()]
        else:
            continue
        for one in inputs:
            if one.default_value is None:
                one.default_value = Undefined
