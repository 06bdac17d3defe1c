//! Every problem a person can meet while rows are planned: a stable code, what happened, what to do.
//!
//! `docs/problems.md` explains each code; a test holds the two together.

use serde::{Deserialize, Serialize};

use crate::model::{AyonId, FlowRef};

/// How much a problem costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Left out, with everything that hangs below it.
    Blocked,
    /// Goes on, but somebody should look.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// The stable word of a problem. Other people's scripts match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+
        }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

codes! {
    /// Two AYON projects could be meant.
    ProjectTwoCandidates = "project-two-candidates",
    /// The AYON project belongs to another Flow Project.
    ProjectLinkedElsewhere = "project-linked-elsewhere",
    /// The Flow name is no AYON project name, so another one is used.
    ProjectNameChanged = "project-name-changed",
    /// No AYON project name can be made of the Flow name.
    ProjectNameUnusable = "project-name-unusable",
    /// Two AYON project names differ only where one has `_`, which AYON reads as any character.
    ProjectNameAmbiguous = "project-name-ambiguous",
    /// The Project is archived in Flow.
    ProjectArchived = "project-archived",
    /// Flow shows amigo no such Project.
    ProjectNotInFlow = "project-not-in-flow",
    /// The Project is a template or a demonstration.
    ProjectTemplate = "project-template",
    /// AYON has a project of the name already, and nothing says that it is this one.
    ProjectNameTaken = "project-name-taken",
    /// The AYON project is switched off.
    ProjectInactive = "project-inactive",
    /// Flow holds no usable project code, so one was made of the name.
    ProjectCodeMade = "project-code-made",
    /// Another AYON project has this code.
    ProjectCodeTaken = "project-code-taken",
    /// The anatomy preset of the settings does not exist.
    PresetMissing = "preset-missing",
    /// AYON does not know the attributes that hold the link.
    AttributesNotLive = "attributes-not-live",
    /// Flow fields are missing and the script may not create them.
    FieldsMissing = "fields-missing",
    /// The Flow Project belongs to another AYON server.
    OtherAyonServer = "other-ayon-server",
    /// The AYON server is too old to tell the addon's services where a change comes from.
    AyonTooOld = "ayon-too-old",
    /// Folder types of the AYON project are hidden in Flow, which stops the addon's processor.
    HiddenTypes = "hidden-types",
    /// amigo writes to Flow with another script user than the addon.
    OtherScript = "other-script",
    /// Both ways to re-parent are switched on.
    ReparentBothModes = "reparent-both-modes",
    /// AYON does not know an attribute that the addon's settings map.
    AttributeUnknown = "attribute-unknown",
    /// No Flow type has the field that the addon's settings map.
    FieldUnknown = "field-unknown",
    /// A Flow value is not of the kind that AYON's attribute wants.
    ValueUnfitting = "value-unfitting",
    /// AYON has no status for a Flow status.
    StatusUnknown = "status-unknown",
    /// A status is found by its short name in another case only.
    StatusCase = "status-case",
    /// A status is found by its name only.
    StatusByName = "status-by-name",
    /// Somebody who is assigned in Flow is no user of AYON.
    AssigneeUnknown = "assignee-unknown",
    /// A group is assigned in Flow.
    AssigneeGroup = "assignee-group",
    /// Flow does not show its people to the script.
    PeopleUnreadable = "people-unreadable",
    /// The row is gone from Flow, or the script may not see it.
    NotInFlow = "not-in-flow",
    /// The row is in Flow's trash.
    RetiredInFlow = "retired-in-flow",
    /// The selected Version stands for nothing that is synced.
    VersionWithoutEntity = "version-without-entity",
    /// The row belongs to another project than the page it was selected on.
    HomeProject = "home-project",
    /// The row belongs to another project than the one that is synced.
    OtherProject = "other-project",
    /// The type is not enabled in the addon's settings.
    TypeNotEnabled = "type-not-enabled",
    /// The type is hidden in the Flow project.
    TypeHidden = "type-hidden",
    /// The row above it cannot be read.
    ParentMissing = "parent-missing",
    /// What is above it is blocked.
    ParentBlocked = "parent-blocked",
    /// The rows above it form a circle.
    ParentCycle = "parent-cycle",
    /// Its parent field is empty, so it goes to the project's root.
    ParentEmpty = "parent-empty",
    /// Its parent field holds several rows, so it goes to the project's root.
    ParentMany = "parent-many",
    /// The Task hangs on nothing.
    TaskWithoutEntity = "task-without-entity",
    /// The Task hangs on something that is no folder.
    TaskOnOther = "task-on-other",
    /// The name is empty, or holds nothing that AYON accepts.
    NameEmpty = "name-empty",
    /// AYON does not accept a character of the label.
    LabelNotAllowed = "label-not-allowed",
    /// Several Flow rows would have one name in one place.
    NameClash = "name-clash",
    /// AYON has something of that name in that place, which is not linked.
    NameTaken = "name-taken",
    /// The name of an asset category is used by another kind of folder.
    CategoryTaken = "category-taken",
    /// A folder stands where a re-parenting preset wants another one.
    ChainTaken = "chain-taken",
    /// The stored AYON id belongs to another Flow row.
    IdOfOther = "id-of-other",
    /// Flow and AYON point at different partners.
    IdMismatch = "id-mismatch",
    /// The AYON entity is switched off, and something else has its name.
    AyonInactive = "ayon-inactive",
    /// The linked folder or task is somewhere else in AYON.
    SitsElsewhere = "sits-elsewhere",
    /// It belongs elsewhere, and published versions keep it where it is.
    MovePublished = "move-published",
    /// It belongs elsewhere, where something else has its name.
    MoveTaken = "move-taken",
    /// It belongs inside itself.
    MoveCycle = "move-cycle",
    /// Its name differs, and published versions keep it.
    RenamePublished = "rename-published",
    /// Its name differs, and something else has the right one.
    RenameTaken = "rename-taken",
    /// The folder type or task type differs.
    TypeDiffers = "type-differs",
    /// AYON does not have the project that folders were to be moved in.
    ProjectNotInAyon = "project-not-in-ayon",
    /// AYON does not have the row, so there is nothing to move.
    NotInAyon = "not-in-ayon",
    /// It belongs below a row that AYON does not have.
    ParentNotInAyon = "parent-not-in-ayon",
    /// It belongs elsewhere, and is switched off in AYON.
    FolderInactive = "folder-inactive",
    /// It belongs below a folder that is switched off in AYON.
    ParentInactive = "parent-inactive",
    /// It and another folder are in each other's way.
    MoveSwap = "move-swap",
    /// AYON knows workfiles below a folder that belongs elsewhere.
    WorkfilesBelow = "workfiles-below",
    /// A folder is empty once everything has moved.
    LeftEmpty = "left-empty",
    /// A re-parenting preset names a folder type that the project does not have.
    ChainTypeMissing = "chain-type-missing",
    /// A re-parenting preset is for a type that is not enabled.
    PresetNotEnabled = "preset-not-enabled",
    /// Two people of Flow have one e-mail.
    PersonEmailShared = "person-email-shared",
    /// By their logins, several people of Flow could be one AYON user.
    PersonLoginShared = "person-login-shared",
    /// Two AYON users have the e-mail of one person.
    UserEmailTwice = "user-email-twice",
    /// The AYON user with a person's e-mail is linked with somebody else.
    UserEmailOfOther = "user-email-of-other",
    /// The AYON user with a person's login has another e-mail.
    UserEmailDiffers = "user-email-differs",
    /// The AYON user with a person's login is a manager or administrator, and no e-mail says whose it is.
    UserPrivileged = "user-privileged",
    /// Another AYON user has the e-mail that a user should get.
    UserEmailTaken = "user-email-taken",
    /// AYON tells what a user may do in projects in a way that cannot be read.
    UserAccessUnread = "user-access-unread",
    /// Two AYON users are linked with one person.
    UserLinkTwice = "user-link-twice",
    /// An AYON user is linked with somebody whom Flow does not show.
    UserLinkGone = "user-link-gone",
    /// An AYON user has the full name of a person, and nothing else agrees.
    UserSameName = "user-same-name",
    /// A pair that was chosen by hand cannot be.
    PairImpossible = "pair-impossible",
    /// No AYON name can be made of a person's login.
    UserNameUnusable = "user-name-unusable",
    /// Somebody else has the name that a new AYON user should get.
    UserNameTaken = "user-name-taken",
    /// A new AYON user has no e-mail.
    EmailMissing = "email-missing",
    /// The configuration names an access group that AYON does not have.
    AccessGroupUnknown = "access-group-unknown",
    /// The configuration says nothing of a permission group.
    RoleUnmapped = "role-unmapped",
    /// The account stands for nobody.
    AccountLeftOut = "account-left-out",
    /// Nothing is taken from this AYON user.
    UserProtected = "user-protected",
    /// AYON users are nobody in Flow.
    UserNotInFlow = "user-not-in-flow",
}

/// Something a person should know about a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    pub severity: Severity,
    pub code: Code,
    /// AYON project name, where known.
    pub project: Option<String>,
    pub flow: Option<FlowNamed>,
    pub ayon: Option<AyonNamed>,
    pub message: String,
    pub remedy: String,
}

/// A Flow row as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowNamed {
    #[serde(flatten)]
    pub key: FlowRef,
    pub name: String,
}

/// An AYON entity as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AyonNamed {
    /// Absent for a project, which AYON knows by its name, and for what the anatomy holds.
    pub id: Option<AyonId>,
    /// Folder type or task type; `Project` for a project.
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    /// From the project's root, with a leading `/`; empty for what has no place in the tree.
    pub path: String,
    /// Where it was before, when it moves.
    pub from: Option<String>,
}
