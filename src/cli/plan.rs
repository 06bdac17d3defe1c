//! `amigo plan`: the same plan as the page, without a browser.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::actions::{ACTIONS, Progress, Question, Systems, action_of, look};
use crate::config::Settings;
use crate::model::{
    FlowId, FlowType, Job, Options, Pairs, Person, ReparentOptions, Selection, SyncOptions, UsersOptions,
    WhatIf,
};
use crate::net::Patience;
use crate::permission::Right;
use crate::plan::{OpId, Operation, Plan, Verdict, words_of};
use crate::problem::Severity;
use crate::run::{Asked, CallsOfBoth, Origin, State};
use crate::runner::Services;

use super::output::say;

/// Exit codes beside 1, which is an error.
const NOTHING_TO_DO: u8 = 0;
const CHANGES: u8 = 2;
const BLOCKED: u8 = 3;

#[derive(Args)]
pub(super) struct PlanCommand {
    /// What to plan.
    #[arg(long, default_value = "sync", value_parser = PossibleValuesParser::new(ACTIONS.iter().map(|action| action.job.word())))]
    action: String,
    /// Id of the Flow Project. For users it may be left out.
    #[arg(long)]
    project: Option<i64>,
    /// Flow type of the rows; the whole project without it, and of users everybody.
    #[arg(long = "type", value_name = "TYPE", requires = "ids")]
    entity_type: Option<FlowType>,
    /// Ids of the rows, separated by commas.
    #[arg(long, value_delimiter = ',', requires = "entity_type", value_parser = row_id)]
    ids: Vec<i64>,
    /// Leave out the rows that hang below; the rows' own Tasks stay.
    #[arg(long)]
    no_descendants: bool,
    /// Leave out Tasks.
    #[arg(long)]
    no_tasks: bool,
    /// Leave statuses as AYON has them.
    #[arg(long)]
    no_status: bool,
    /// Leave tags as AYON has them.
    #[arg(long)]
    no_tags: bool,
    /// Leave assignees as AYON has them.
    #[arg(long)]
    no_assignees: bool,
    /// Leave attributes as AYON has them.
    #[arg(long)]
    no_attributes: bool,
    /// Other re-parenting rules than AYON's settings, to look at: such as
    /// "root_relocate: Shot = all_shots[Folder]/custom[Folder]", or "none".
    #[arg(long, value_name = "RULES")]
    what_if: Option<WhatIf>,
    /// Who is whom, where you know better: such as "57:mira.kowalski 58:+ 59:-", Flow ids with the names of AYON users,
    /// + for a new user and - for nobody.
    #[arg(long, value_name = "PAIRS")]
    pairs: Option<Pairs>,
    /// Print the plan as data.
    #[arg(long)]
    json: bool,
    /// Save the plan for `amigo apply`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl PlanCommand {
    pub async fn run(self, settings: Arc<Settings>) -> anyhow::Result<u8> {
        let selection = self.selection()?;
        let options = self.options()?;
        let systems = Systems::new(settings, Patience::default())?;
        let sessions = systems.sessions(None, &mut CallsOfBoth::default()).await?;
        let person = operator();
        let question = Question {
            operator: true,
            job: options.job(),
            wants: Right::Plan,
            selection: &selection,
            options: &options,
            person: &person,
            memory: None,
        };
        let plan = look(&sessions, &question, &Progress::unheard())
            .await?
            .planned
            .plan;
        let code = exit_code(&plan);

        let asked = Asked {
            action: self.action.clone(),
            options: options.as_map(),
            requested_by: person,
            site: sessions.site(),
            selection: Some(selection),
        };
        let mut run = Services::of_the_system().new_run(Origin::Cli, asked);
        run.state = State::Planned;
        run.calls = sessions.calls();
        run.projects.clone_from(&plan.projects);
        run.plan = Some(plan);
        let document =
            serde_json::to_string_pretty(&crate::run::document(&run, crate::run::Reader::Viewing, false))?;
        if let Some(file) = &self.out {
            write_private(file, &document)
                .with_context(|| format!("{} cannot be written", file.display()))?;
        }
        match (&run.plan, self.json) {
            (_, true) => say(&document),
            (Some(plan), false) => lines(plan).iter().for_each(|line| say(line)),
            (None, false) => {}
        }
        Ok(code)
    }

    fn options(&self) -> anyhow::Result<Options> {
        let job = action_of(&self.action).map_or(Job::Sync, |action| action.job);
        let carries = [
            ("--no-status", self.no_status),
            ("--no-tags", self.no_tags),
            ("--no-assignees", self.no_assignees),
            ("--no-attributes", self.no_attributes),
            ("--no-tasks", self.no_tasks),
        ];
        anyhow::ensure!(
            self.pairs.is_none() || job == Job::Users,
            "--pairs is for --action users"
        );
        anyhow::ensure!(
            self.what_if.is_none() || job == Job::Reparent,
            "--what-if is for --action reparent"
        );
        match job {
            Job::Sync => Ok(Options::Sync(SyncOptions {
                status: !self.no_status,
                tags: !self.no_tags,
                assignees: !self.no_assignees,
                attributes: !self.no_attributes,
                tasks: !self.no_tasks,
                descendants: !self.no_descendants,
            })),
            Job::Users => {
                let hierarchy = [("--no-descendants", self.no_descendants)];
                if let Some((flag, _)) = carries.into_iter().chain(hierarchy).find(|(_, given)| *given) {
                    anyhow::bail!("{flag} is not for --action users");
                }
                Ok(Options::Users(UsersOptions {
                    pairs: self.pairs.clone().unwrap_or_default(),
                }))
            }
            Job::Reparent => {
                if let Some((flag, _)) = carries.into_iter().find(|(_, given)| *given) {
                    anyhow::bail!(
                        "{flag} is for --action sync: re-parenting moves folders and changes nothing else"
                    );
                }
                Ok(Options::Reparent(ReparentOptions {
                    descendants: !self.no_descendants,
                    what_if: self.what_if.clone(),
                    whole: false,
                }))
            }
        }
    }

    fn selection(&self) -> anyhow::Result<Selection> {
        let of_users = self.action == Job::Users.word();
        if let Some(wrong) = self.project.filter(|project| *project <= 0) {
            anyhow::bail!("--project {wrong} is no row id");
        }
        if let Some(wrong) = self.ids.iter().find(|id| **id <= 0) {
            anyhow::bail!("--ids {wrong} is no row id");
        }
        let selection = match (self.entity_type, self.project) {
            (_, None) if !of_users => anyhow::bail!("--project says whose rows are planned: give its id"),
            (Some(entity_type), project) if entity_type != FlowType::Project => {
                let mut ids: Vec<FlowId> = Vec::new();
                for id in self.ids.iter().copied().map(FlowId) {
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                Selection {
                    entity_type,
                    ids,
                    project_id: project.map(FlowId),
                }
            }
            (Some(_), project) if project.is_none_or(|project| self.ids.as_slice() != [project]) => {
                anyhow::bail!(
                    "one Project is planned at a time: leave out --type and --ids to plan the whole of --project"
                )
            }
            (_, Some(project)) => Selection {
                entity_type: FlowType::Project,
                ids: vec![FlowId(project)],
                project_id: Some(FlowId(project)),
            },
            (_, None) => Selection {
                entity_type: FlowType::HumanUser,
                ids: Vec::new(),
                project_id: None,
            },
        };
        if let Some(action) = action_of(&self.action) {
            action
                .check(&selection, 0)
                .map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
        }
        Ok(selection)
    }
}

/// Writes a file for its owner alone: a plan tells what a studio works on, and one of users who is in it.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    // One that was there already keeps its mode otherwise; a device or pipe is nobody's to change.
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    file.write_all(text.as_bytes())
}

/// A row id, with or without space around it.
fn row_id(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| format!("{text:?} is no row id"))
}

/// Whoever sits at the command line; Flow does not know them.
pub(super) fn operator() -> Person {
    Person {
        id: None,
        login: "command line".to_owned(),
        name: "Command line".to_owned(),
    }
}

fn exit_code(plan: &Plan) -> u8 {
    if plan
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Blocked)
    {
        BLOCKED
    } else if plan.default_ticks().next().is_none() {
        NOTHING_TO_DO
    } else {
        CHANGES
    }
}

/// The plan for people: problems first, then what would change, in tree order.
fn lines(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in &plan.problems {
        let who = problem
            .flow
            .as_ref()
            .map(|flow| format!("{} {}: ", flow.key.kind, visible(&flow.name)))
            .unwrap_or_default();
        lines.push(format!(
            "{:<8} {who}{} [{}]",
            problem.severity.as_str(),
            visible(&problem.message),
            problem.code.as_str()
        ));
        lines.push(format!("         {}", problem.remedy));
    }
    let operations: HashMap<&OpId, &Operation> = plan
        .operations
        .iter()
        .map(|operation| (&operation.id, operation))
        .collect();
    for node in plan
        .nodes
        .iter()
        .filter(|node| node.verdict != Verdict::Unchanged || !node.offers.is_empty())
    {
        let sign = match node.verdict {
            Verdict::Create => "+",
            Verdict::Update => "~",
            Verdict::Move => ">",
            Verdict::Retire => "-",
            Verdict::Blocked => "!",
            Verdict::Unchanged => " ",
        };
        let name = if node.path.len() > 1 {
            &node.path
        } else {
            &node.name
        };
        lines.push(format!("{sign} {:<12} {}", node.kind, visible(name)));
        let operation = node.operation.as_ref().and_then(|id| operations.get(id));
        for change in operation
            .into_iter()
            .filter(|_| node.verdict == Verdict::Update)
            .flat_map(|o| &o.changes)
        {
            lines.push(format!("    {}: {} → {}", change.field, change.from, change.to));
        }
        for offer in node.offers.iter().filter_map(|id| operations.get(id)) {
            let reason = match offer.because.is_empty() {
                true => String::new(),
                false => format!(" ({})", offer.because.join("; ")),
            };
            lines.push(format!(
                "    offered: {}{}",
                visible(&words_of(offer)),
                visible(&reason)
            ));
        }
    }
    let would = |kind: Verdict| {
        let nodes = plan.nodes.iter().filter(|node| node.verdict == kind);
        let own = nodes.filter_map(|node| operations.get(node.operation.as_ref()?));
        own.filter(|operation| operation.ticked).count()
    };
    let offered = plan.operations.len() - plan.default_ticks().count();
    lines.push(format!(
        "{} to create, {} to update, {offered} offered, {} unchanged, {} blocked",
        would(Verdict::Create),
        would(Verdict::Update),
        plan.counts.unchanged,
        plan.counts.blocked
    ));
    lines
}

/// Text from elsewhere, without what a terminal would obey.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::model::{AyonId, FlowRef, System};
    use crate::plan::{Change, Counts, Kind, Node, On};
    use crate::problem::AyonNamed;

    use super::*;

    fn operation(id: &str, kind: Kind, ticked: bool) -> Operation {
        Operation {
            id: OpId(id.to_owned()),
            kind,
            on: On::Folder,
            system: System::Ayon,
            project: "harbor_lights".to_owned(),
            ticked,
            flow: None,
            ayon: Some(AyonNamed {
                id: Some(AyonId::derived(&[id])),
                kind: "Shot".to_owned(),
                name: "sh_010".to_owned(),
                path: "/c/sh_010".to_owned(),
                from: (kind == Kind::Move).then(|| "/a/sh_010".to_owned()),
            }),
            changes: Vec::new(),
            needs: Vec::new(),
            because: ["Shot.sg_sequence → c".to_owned()].into(),
            facts: String::new(),
        }
    }

    fn plan(operations: Vec<Operation>) -> Plan {
        let id = |ticked: bool| {
            let of_it = operations.iter().filter(|operation| operation.ticked == ticked);
            of_it.map(|operation| operation.id.clone()).collect::<Vec<_>>()
        };
        let nodes = vec![Node {
            on: On::Folder,
            depth: 1,
            kind: "Shot".to_owned(),
            name: "sh_010".to_owned(),
            label: None,
            path: "/c/sh_010".to_owned(),
            flow: Some(FlowRef::new(FlowType::Shot, 10)),
            verdict: Verdict::Move,
            selected: true,
            operation: id(true).pop(),
            offers: id(false),
            trace: [].into(),
            placement: None,
            seat: None,
        }];
        Plan {
            projects: Vec::new(),
            problems: Vec::new(),
            counts: Counts::of(&nodes),
            nodes,
            operations,
            digest: String::new(),
        }
    }

    #[test]
    fn what_is_only_offered_is_no_change() {
        let mut renamed = operation("rename", Kind::Update, false);
        renamed.changes.push(Change {
            field: "name".to_owned(),
            from: "sh_010".into(),
            to: "sh_011".into(),
        });
        let offered = plan(vec![operation("move", Kind::Move, false), renamed.clone()]);
        assert_eq!(exit_code(&offered), NOTHING_TO_DO);
        let said = lines(&offered);
        assert_eq!(
            said[1..3],
            [
                "    offered: move from /a/sh_010 to /c/sh_010 (Shot.sg_sequence → c)",
                "    offered: rename in AYON sh_010 → sh_011 (Shot.sg_sequence → c)",
            ]
        );
        assert!(said[3].contains("0 to update, 2 offered"), "{said:?}");
        let ticked = plan(vec![operation("update", Kind::Update, true), renamed]);
        assert_eq!(exit_code(&ticked), CHANGES);
    }
}
