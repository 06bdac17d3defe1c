//! The directory in which artists work on a folder, by the template of the project's anatomy.

/// What a template's place-holders stand for.
pub(super) struct Folder<'a> {
    pub project: &'a str,
    pub code: &'a str,
    /// From the project's root, with a leading `/`.
    pub path: &'a str,
    pub kind: &'a str,
}

/// Place-holders that say nothing of where a folder is: they stay as they are written.
const ELSEWHERE: [&str; 5] = ["root", "task", "user", "app", "studio"];

impl Folder<'_> {
    /// The directory; nothing where the template asks for something that is not known here.
    pub fn directory(&self, template: &str) -> Option<String> {
        let (above, name) = self.path.rsplit_once('/')?;
        let hierarchy = above.trim_start_matches('/');
        let mut directory = String::new();
        let mut rest = template;
        while let Some((plain, key)) = rest.split_once('{') {
            let (key, after) = key.split_once('}')?;
            directory.push_str(plain);
            let parent = hierarchy.rsplit_once('/').map_or(hierarchy, |(_, parent)| parent);
            match key {
                "project[name]" => directory.push_str(self.project),
                "project[code]" => directory.push_str(self.code),
                "hierarchy" => directory.push_str(hierarchy),
                "folder[name]" | "asset" => directory.push_str(name),
                "folder[type]" => directory.push_str(self.kind),
                "folder[path]" => directory.push_str(self.path),
                "parent" if parent.is_empty() => directory.push_str(self.project),
                "parent" => directory.push_str(parent),
                other if ELSEWHERE.contains(&other.split('[').next().unwrap_or(other)) => {
                    directory.push_str(&format!("{{{other}}}"));
                }
                _ => return None,
            }
            rest = after;
        }
        directory.push_str(rest);
        // Parts that may be missing depend on what nobody knows here.
        if directory.contains(['<', '>']) {
            return None;
        }
        while directory.contains("//") {
            directory = directory.replace("//", "/");
        }
        Some(directory)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Folder;

    #[rstest]
    #[case(
        "{root[work]}/{project[name]}/{hierarchy}/{folder[name]}/work/{task[name]}",
        "/ep01/sq01/sh010",
        Some("{root[work]}/harbor/ep01/sq01/sh010/work/{task[name]}")
    )]
    #[case(
        "{root[work]}/{project[name]}/{hierarchy}/{folder[name]}/work",
        "/sh010",
        Some("{root[work]}/harbor/sh010/work")
    )]
    #[case(
        "{project[code]}/{folder[type]}/{parent}/{asset}",
        "/a/b/c",
        Some("hl/Shot/b/c")
    )]
    #[case("{parent}{folder[path]}", "/c", Some("harbor/c"))]
    #[case("/mnt/{project[name]}", "/c", Some("/mnt/harbor"))]
    #[case("{shot_group}/{folder[name]}", "/c", None)]
    #[case("{hierarchy}<_{folder[name]}>", "/c", None)]
    #[case("{hierarchy", "/c", None)]
    fn a_directory_is_told_where_it_is_known(
        #[case] template: &str,
        #[case] path: &str,
        #[case] directory: Option<&str>,
    ) {
        let folder = Folder {
            project: "harbor",
            code: "hl",
            path,
            kind: "Shot",
        };
        assert_eq!(folder.directory(template).as_deref(), directory);
    }
}
