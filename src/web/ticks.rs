//! Which operations a form wants applied (`POST /runs/{run}/apply`).

use std::collections::BTreeSet;

use actix_web::http::StatusCode;

use crate::plan::Plan;
use crate::run::Ticks;

use super::refused::Refused;

/// Reads the form's ticks as differences to the plan's defaults.
///
/// `ticks` absent: the defaults. `listed`: exactly the repeated `op`. `changed`: the defaults but for the
/// repeated `tick` and `untick`. What ends with nothing ticked is refused.
pub fn read(pairs: &[(String, String)], plan: &Plan) -> Result<Ticks, Refused> {
    let values = |key: &'static str| {
        pairs
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    };
    let mode = values("ticks").next();
    let stray: &[&str] = match mode {
        None => &["op", "tick", "untick"],
        Some("listed") => &["tick", "untick"],
        Some("changed") => &["op"],
        Some(_) => {
            return Err(Refused::new(
                StatusCode::BAD_REQUEST,
                "ticks-wrong",
                "The form's field ticks is neither listed nor changed.",
                "Use the buttons of the run's page.",
            ));
        }
    };
    if pairs.iter().any(|(name, _)| stray.contains(&name.as_str())) {
        // Applying the defaults here could write more than somebody meant.
        return Err(Refused::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "ticks-unclear",
            "The form names operations in a way that its field ticks does not allow.",
            "Send ticks=listed with op, or ticks=changed with tick and untick.",
        ));
    }
    let said: Vec<(&str, bool)> = if mode == Some("listed") {
        let listed: BTreeSet<&str> = values("op").collect();
        let operations = plan.operations.iter().map(|operation| operation.id.0.as_str());
        let others = operations.filter(|id| !listed.contains(id));
        let others = others.map(|id| (id, false));
        listed.iter().map(|id| (*id, true)).chain(others).collect()
    } else {
        let ticked = values("tick").map(|id| (id, true));
        ticked.chain(values("untick").map(|id| (id, false))).collect()
    };
    let ticks = Ticks::of(plan, said).map_err(|_| unknown_operation())?;
    if plan
        .operations
        .iter()
        .any(|operation| ticks.wants(&operation.id, operation.ticked))
    {
        Ok(ticks)
    } else {
        Err(Refused::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "nothing-ticked",
            "No row is ticked, so there is nothing to apply.",
            "Go back, tick the rows you want, and press Apply again.",
        ))
    }
}

fn unknown_operation() -> Refused {
    Refused::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "operation-unknown",
        "The form names an operation that this plan does not have.",
        "Open the run's page again and tick the rows there.",
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::pages::sample;
    use super::*;

    /// The wanted ids of the sample plan, whose defaults are a, b, c ticked and d not.
    fn wanted(form: &[(&str, &str)]) -> Result<String, u16> {
        let plan = sample::plan_of_ticks(&[("a", true), ("b", true), ("c", true), ("d", false)]);
        let pairs: Vec<(String, String)> = form
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        match read(&pairs, &plan) {
            Ok(ticks) => Ok(plan
                .operations
                .iter()
                .filter(|operation| ticks.wants(&operation.id, operation.ticked))
                .map(|operation| operation.id.0.as_str())
                .collect()),
            Err(refused) => Err(refused.status.as_u16()),
        }
    }

    #[rstest]
    #[case(&[], Ok("abc"))]
    #[case(&[("ticks", "listed"), ("op", "a"), ("op", "d")], Ok("ad"))]
    #[case(&[("ticks", "listed"), ("op", "a"), ("op", "a")], Ok("a"))]
    #[case(&[("ticks", "listed")], Err(422))]
    #[case(&[("ticks", "listed"), ("op", "nobody")], Err(422))]
    #[case(&[("ticks", "changed")], Ok("abc"))]
    #[case(&[("ticks", "changed"), ("untick", "b"), ("tick", "d")], Ok("acd"))]
    #[case(&[("ticks", "changed"), ("untick", "a"), ("untick", "b"), ("untick", "c")], Err(422))]
    #[case(&[("ticks", "changed"), ("tick", "nobody")], Err(422))]
    #[case(&[("op", "a")], Err(422))]
    #[case(&[("ticks", "listed"), ("op", "a"), ("untick", "b")], Err(422))]
    #[case(&[("ticks", "all")], Err(400))]
    fn a_form_wants(#[case] form: &[(&str, &str)], #[case] expected: Result<&str, u16>) {
        assert_eq!(wanted(form), expected.map(str::to_owned));
    }
}
