//! `POST /graphql`: parses a query, checks it and runs it (`ayon-api.md §6.2`). Errors are HTTP 200.

use async_graphql_parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use serde_json::{Value, json};

use super::call::{Answer, Call, Outcome};
use super::fields::{Fields, Object};
use super::refusal::Refusal;
use super::resolve::Run;
use super::schema::Check;
use super::state::State;

/// The endpoint.
pub(super) fn run(state: &mut State, call: &Call) -> Outcome {
    let body = call.object()?;
    let fields = Fields(&body);
    let Some(query) = fields.text("query")?.value() else {
        return Err(Refusal::bad_request("No GraphQL query found in the request"));
    };
    let given = fields.object("variables")?.value().cloned().unwrap_or_default();
    let operation_name = fields.text("operationName")?.value();
    Answer::ok(answer(state, call, &query, &given, operation_name.as_deref()).unwrap_or_else(refused))
}

fn refused(errors: Vec<Value>) -> Value {
    json!({"data": null, "errors": errors})
}

fn answer(
    state: &State,
    call: &Call,
    query: &str,
    given: &Object,
    operation_name: Option<&str>,
) -> Result<Value, Vec<Value>> {
    let document = async_graphql_parser::parse_query(query).map_err(|error| {
        let places = error
            .positions()
            .map(|pos| json!({"line": pos.line, "column": pos.column}));
        vec![json!({"message": format!("Syntax Error: {error}"), "locations": places.collect::<Vec<_>>()})]
    })?;
    let operation = chosen(&document, operation_name)?;
    let mut check = Check {
        live: &state.live,
        document: &document,
        errors: Vec::new(),
    };
    check.selection(&operation.selection_set.node, "Query");
    if !check.errors.is_empty() {
        return Err(check.errors);
    }
    let variables = variables(operation, given)?;
    Ok(Run::new(state, &call.caller, &document, variables).answer(&operation.selection_set.node))
}

fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, Vec<Value>> {
    let complain = |message: String| vec![json!({"message": message})];
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => operation,
        (DocumentOperations::Multiple(all), Some(name)) => all
            .get(name)
            .ok_or_else(|| complain(format!("Unknown operation named \"{name}\".")))?,
        (DocumentOperations::Multiple(all), None) => match all.values().next() {
            Some(only) if all.len() == 1 => only,
            _ => {
                return Err(complain(
                    "Must provide operation name if query contains multiple operations.".into(),
                ));
            }
        },
    };
    if operation.node.ty != OperationType::Query {
        return Err(complain(
            "Schema is not configured to execute mutation operation.".into(),
        ));
    }
    Ok(&operation.node)
}

/// The variables of an operation: given ones, else defaults, else null where that is allowed.
fn variables(operation: &OperationDefinition, given: &Object) -> Result<Object, Vec<Value>> {
    let mut values = Object::new();
    for definition in &operation.variable_definitions {
        let (definition, pos) = (&definition.node, definition.pos);
        let name = definition.name.node.as_str();
        let default = definition
            .default_value()
            .cloned()
            .and_then(|value| value.into_json().ok());
        let value = match given.get(name) {
            Some(Value::Null) if !definition.var_type.node.nullable => None,
            Some(value) => Some(value.clone()),
            None => default,
        };
        let Some(value) = value else {
            let kind = &definition.var_type.node;
            return Err(vec![json!({
                "message": format!("Variable '${name}' of required type '{kind}' was not provided."),
                "locations": [{"line": pos.line, "column": pos.column}],
            })]);
        };
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}
