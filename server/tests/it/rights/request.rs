//! A request for each address, with what it is about.

use super::stage::Stage;
use serde_json::{Value, json};

/// The path of an address, with what it is about.
pub fn path(address: &str, stage: &Stage, user: &str) -> String {
    let id = if address.contains("/announcements/") {
        stage.announcement.to_string()
    } else if address.contains("/invitations/") {
        stage.invitation.to_string()
    } else if address.contains("/jobs/") {
        stage.job.clone()
    } else if address.contains("/tokens/") {
        stage.token.to_string()
    } else if address.contains("/entries/") || address.contains("/e/") {
        "one".into()
    } else {
        "4711".into()
    };
    address
        .replace("{kb}", &stage.kb)
        .replace("{id}", &id)
        .replace("{version}", "1")
        .replace("{trash_id}", &stage.trash_id.to_string())
        .replace("{user}", &stage.user)
        .replace("{user_id}", user)
        .replace("{progress_id}", "nonsense")
        .replace("{secret}", "nonsense")
        .replace("{build}/{*file}", &format!("{}/tidings.css", server::http::assets_build()))
}

/// A body that is taken, where the address takes one.
pub fn body(address: &str, stage: &Stage) -> Value {
    let (kb, user) = (&stage.kb, &stage.user);
    let fresh = uuid();
    let key = crate::common::key();
    match address {
        "POST /api/kbs" => json!({ "name": fresh }),
        "PATCH /api/kbs/{kb}" => json!({"title": "Another"}),
        "POST /api/kbs/{kb}/entries" => json!({"title": "New"}),
        "PUT /api/kbs/{kb}/entries/{id}" | "PATCH /api/kbs/{kb}/entries/{id}" => json!({"title": "Changed"}),
        "PATCH /api/kbs/{kb}/access" => json!({"members": "read"}),
        "PUT /api/kbs/{kb}/access/{user}" => json!({"level": "read"}),
        "POST /api/notifications" => json!({"user": user, "title": "Hear"}),
        "PATCH /api/notifications/preferences" => json!({"mention": "inbox"}),
        "POST /api/announcements" => json!({"message": "Hear"}),
        "POST /api/invitations" | "POST /api/tokens" => json!({}),
        "POST /api/users" => json!({"user_id": fresh, "password": "correct horse battery"}),
        "PATCH /api/users/{user}" => json!({"role": "owner"}),
        "POST /api/login" => json!({"user": "", "password": ""}),
        "PUT /api/me/issuer" => json!({"token": ""}),
        "POST /api/me/password" => json!({"old": "", "new": "correct horse battery"}),
        "POST /api/jobs/crawl" => json!({"kb": kb, "url": "http://127.0.0.1:9/"}),
        "POST /api/jobs/sync" => json!({ "kb": kb }),
        "POST /api/pages/cancel_job" | "POST /api/pages/dismiss_job" | "POST /api/pages/retry_job" => json!({"id": stage.job}),
        "POST /api/pages/crawl" => json!({"new": {"kb": kb, "url": "http://127.0.0.1:9/"}, "mutation": key}),
        "POST /api/pages/job_items" => json!({"id": stage.job, "outcome": null, "limit": 10, "after": 0}),
        "POST /api/pages/jobs" => json!({"limit": 10, "before": null}),
        "POST /api/pages/logs" => json!({"filter": {}, "limit": 10, "after": null}),
        "POST /api/pages/sync" => json!({"new": {"kb": kb}, "mutation": key}),
        "POST /api/pages/access" | "POST /api/pages/kb" => json!({ "kb": kb }),
        "POST /api/pages/announce" => json!({"new": {"message": "Hear"}}),
        "POST /api/pages/change_password" => json!({"old": "", "new": "correct horse battery"}),
        "POST /api/pages/create_entry" => json!({"kb": kb, "draft": {"title": "New"}, "mutation": key}),
        "POST /api/pages/create_kb" => json!({"new": {"name": fresh}, "mutation": key}),
        "POST /api/pages/delete_entry" => json!({"kb": kb, "id": "one", "mutation": key}),
        "POST /api/pages/delete_kb" => json!({"kb": kb, "mutation": key}),
        "POST /api/pages/dismiss_announcement" | "POST /api/pages/withdraw_announcement" => json!({"id": stage.announcement}),
        "POST /api/pages/end_device" => json!({"id": 4711}),
        "POST /api/pages/entries" => {
            json!({"kb": kb, "filter": {"entry_type": null, "tag": null, "q": null, "sort": "updated"}, "limit": 10, "after": null})
        }
        "POST /api/pages/entry" | "POST /api/pages/source" => json!({"kb": kb, "id": "one"}),
        "POST /api/pages/history" => json!({"kb": kb, "id": "one", "limit": 10, "after": null}),
        "POST /api/pages/inbox" => json!({"unread_only": false, "limit": 10, "before": null}),
        "POST /api/pages/invite" | "POST /api/pages/make_token" => json!({"new": {}}),
        "POST /api/pages/mark" => json!({"ids": null, "mark": "seen"}),
        "POST /api/pages/prefer" => json!({"kind": "mention", "delivery": "toast"}),
        "POST /api/pages/present" => json!({"topic": format!("kb:{kb}")}),
        "POST /api/pages/preview" => json!({"kb": kb, "markdown": "x"}),
        "POST /api/pages/purge_entry" | "POST /api/pages/restore_entry" => json!({"kb": kb, "trash_id": stage.trash_id, "mutation": key}),
        "POST /api/pages/remove_person" => json!({ "user": user }),
        "POST /api/pages/restore_version" => json!({"kb": kb, "id": "one", "version": 1, "mutation": key}),
        "POST /api/pages/revoke_token" => json!({"id": stage.token}),
        "POST /api/pages/search" => json!({"q": "one", "kb": kb, "limit": 10}),
        "POST /api/pages/set_members" => json!({"kb": kb, "level": "read"}),
        "POST /api/pages/set_right" => json!({"kb": kb, "user": user, "level": "read"}),
        "POST /api/pages/set_role" => json!({"user": user, "role": "owner"}),
        "POST /api/pages/suggest_entries" | "POST /api/pages/suggest_people" | "POST /api/pages/suggest_tags" => {
            json!({"kb": kb, "text": ""})
        }
        "POST /api/pages/trash" => json!({"kb": kb, "limit": 10, "after": null}),
        "POST /api/pages/update_entry" => json!({"kb": kb, "id": "one", "patch": {"title": "Changed"}, "if_match": null, "mutation": key}),
        "POST /api/pages/update_kb" => json!({"kb": kb, "patch": {"title": "Another"}, "mutation": key}),
        "POST /api/pages/version_diff" => json!({"kb": kb, "id": "one", "version": 1}),
        "POST /api/pages/watch" => json!({"kb": kb, "entry": null, "watching": true}),
        "POST /api/pages/withdraw_invitation" => json!({"id": stage.invitation}),
        _ => json!({}),
    }
}

fn uuid() -> String {
    format!("n{}", crate::common::key())
}
