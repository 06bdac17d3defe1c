INSERT INTO runs (
    id, view, action, state, origin, parent, options, requested_by, site, session_uuid, selection, projects,
    ticks, calls, created_at, expires_at, entered_at, last_event, light
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?15, 1, ?17);
