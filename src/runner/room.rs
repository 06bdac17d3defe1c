//! How many plans may be under way: in all, for one person, for one project. Whoever comes when it is full is told so
//! at once, rather than kept waiting in a line without end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::config::Limits;
use crate::model::FlowId;
use crate::run::Run;

/// Who a plan is for. What a light post has not told yet counts for nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct For {
    pub person: Option<i64>,
    pub project: Option<FlowId>,
    /// Nobody vouches for the post yet: all of these together get as many places as one person.
    pub unproven: bool,
}

impl From<&Run> for For {
    fn from(run: &Run) -> Self {
        let unsigned = run.light.is_some_and(|light| !light.signed);
        Self {
            person: run.requested_by.id,
            project: run.selection.as_ref().and_then(|selection| selection.project_id),
            unproven: unsigned && run.selection.is_none(),
        }
    }
}

/// What is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    Server,
    Person,
    Project,
}

/// The room for plans of this process.
#[derive(Clone, Default)]
pub struct Room {
    inner: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    unproven: usize,
    by_person: HashMap<i64, usize>,
    by_project: HashMap<FlowId, usize>,
    /// The same post, sent many times at once, takes one place.
    by_post: HashMap<String, Weak<Place>>,
}

/// A place that is given back when the last holder drops it.
pub struct Place {
    room: Room,
    of: For,
    post: Option<String>,
}

impl Room {
    /// Takes a place; `post` is the signature, which tells one post from another.
    pub fn enter(&self, of: For, post: Option<&str>, limits: &Limits) -> Result<Arc<Place>, Full> {
        let mut taken = self.taken();
        if let Some(place) = post.and_then(|post| taken.by_post.get(post)?.upgrade()) {
            return Ok(place);
        }
        let of_person = of.person.map_or(0, |person| held(&taken.by_person, &person));
        let of_project = of.project.map_or(0, |project| held(&taken.by_project, &project));
        if taken.all >= limits.plans || of.unproven && taken.unproven >= limits.plans_per_person {
            return Err(Full::Server);
        }
        if of_person >= limits.plans_per_person {
            return Err(Full::Person);
        }
        if of_project >= limits.plans_per_project {
            return Err(Full::Project);
        }
        taken.all += 1;
        taken.unproven += usize::from(of.unproven);
        if let Some(person) = of.person {
            *taken.by_person.entry(person).or_default() += 1;
        }
        if let Some(project) = of.project {
            *taken.by_project.entry(project).or_default() += 1;
        }
        let place = Arc::new(Place {
            room: self.clone(),
            of,
            post: post.map(str::to_owned),
        });
        if let Some(post) = post {
            taken.by_post.insert(post.to_owned(), Arc::downgrade(&place));
        }
        Ok(place)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        taken.all = taken.all.saturating_sub(1);
        taken.unproven = taken.unproven.saturating_sub(usize::from(self.of.unproven));
        if let Some(person) = self.of.person {
            give_back(&mut taken.by_person, person);
        }
        if let Some(project) = self.of.project {
            give_back(&mut taken.by_project, project);
        }
        if let Some(post) = &self.post
            && taken
                .by_post
                .get(post)
                .is_some_and(|place| place.strong_count() == 0)
        {
            taken.by_post.remove(post);
        }
    }
}

fn held<K: std::hash::Hash + Eq>(counts: &HashMap<K, usize>, key: &K) -> usize {
    counts.get(key).copied().unwrap_or_default()
}

fn give_back<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits {
        planners: 1,
        plans: 4,
        plans_per_person: 2,
        plans_per_project: 3,
        connections: 1,
        body_time: Duration::ZERO,
        body_memory: 0,
    };

    fn of(person: i64, project: i64) -> For {
        For {
            person: Some(person),
            project: Some(FlowId(project)),
            unproven: false,
        }
    }

    /// Whoever can reach amigo may name entries that there are not: that must not keep everybody else out.
    #[test]
    fn what_nobody_vouches_for_leaves_room_for_others() {
        let room = Room::default();
        let unproven = For {
            unproven: true,
            ..For::default()
        };
        let places: Vec<_> = (0..4).map(|_| room.enter(unproven, None, &LIMITS).ok()).collect();
        assert_eq!(places.iter().flatten().count(), LIMITS.plans_per_person);
        assert!(room.enter(of(1, 10), None, &LIMITS).is_ok());
        drop(places);
        assert!(room.enter(unproven, None, &LIMITS).is_ok());
    }

    #[test]
    fn each_limit_closes_the_door_and_a_place_that_is_given_back_opens_it() {
        let room = Room::default();
        let enter = |of| room.enter(of, None, &LIMITS);
        let full = |of| enter(of).map(|_| ()).unwrap_err();
        let first = enter(of(1, 10)).ok();
        let second = enter(of(1, 10)).ok();
        assert_eq!(full(of(1, 20)), Full::Person);
        let third = enter(of(2, 10)).ok();
        assert_eq!(full(of(3, 10)), Full::Project);
        let fourth = enter(For::default()).ok();
        assert_eq!(full(For::default()), Full::Server);
        drop(first);
        let again = enter(of(1, 10)).ok();
        assert!(again.is_some());
        drop((second, third, fourth, again));
        let taken = room.taken();
        assert_eq!(taken.all, 0);
        assert!(taken.by_person.is_empty() && taken.by_project.is_empty() && taken.by_post.is_empty());
    }

    #[test]
    fn the_same_post_takes_one_place() {
        let room = Room::default();
        let places: Vec<_> = (0..200)
            .map(|_| room.enter(of(1, 10), Some("ab"), &LIMITS).ok())
            .collect();
        assert!(places.iter().all(Option::is_some));
        assert_eq!(room.taken().all, 1);
        drop(places);
        assert_eq!(room.taken().all, 0);
        assert!(room.taken().by_post.is_empty());
    }
}
