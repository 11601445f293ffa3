//! Which address leads where.

use super::{api, assets, docs, enter, extract, guard, health, pages, problem, reach, sse, who, ws};
use crate::state::AppState;
use app::App;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::routing::future::RouteFuture;
use axum::routing::{MethodRouter, get, post};
use leptos_axum::{LeptosRoutes, generate_route_list};
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use utoipa::OpenApi;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::{Object, OpenApi as Description, Required, Type};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// The API's description, without its paths, which come from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(title = "Tidings", description = "A knowledge base that tells you when it changes. Errors are application/problem+json (RFC 9457) with a stable `code`."),
    tags((name = "knowledge bases"), (name = "entries"), (name = "history"), (name = "trash"), (name = "search"), (name = "events"), (name = "people"), (name = "access"), (name = "jobs"), (name = "log"), (name = "notifications"), (name = "announcements"), (name = "presence"), (name = "health"))
)]
struct Api;

/// Bytes of an upload that are read before it is refused: what is allowed, and the form around it.
const UPLOAD_LIMIT: usize = 520 * 1024 * 1024;

fn rest() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(api::kbs::list_kbs, api::kbs::create_kb))
        .routes(routes!(api::kbs::show_kb, api::kbs::patch_kb, api::kbs::delete_kb))
        .routes(routes!(api::entries::list_entries, api::entries::create_entry))
        .routes(routes!(
            api::entries::show_entry,
            api::entries::replace_entry,
            api::entries::patch_entry,
            api::entries::delete_entry
        ))
        .routes(routes!(api::history::view_entry))
        .routes(routes!(api::history::list_versions))
        .routes(routes!(api::history::diff_version))
        .routes(routes!(api::history::restore_version))
        .routes(routes!(api::trash::list_trash))
        .routes(routes!(api::trash::restore_entry))
        .routes(routes!(api::trash::purge_entry))
        .routes(routes!(api::search::search))
        .routes(routes!(api::events::list_events))
        .routes(routes!(sse::events_stream))
        .routes(routes!(api::people::login).layer(DefaultBodyLimit::max(enter::FORM_BYTES)))
        .routes(routes!(api::people::logout))
        .routes(routes!(api::people::me))
        .routes(routes!(api::people::link_issuer, api::people::unlink_issuer))
        .routes(routes!(api::people::change_password))
        .routes(routes!(api::people::list_users, api::people::add_user))
        .routes(routes!(api::people::change_user, api::people::remove_user))
        .routes(routes!(api::people::list_devices))
        .routes(routes!(api::people::end_device))
        .routes(routes!(api::people::list_tokens, api::people::make_token))
        .routes(routes!(api::people::revoke_token))
        .routes(routes!(api::people::list_invitations, api::people::invite))
        .routes(routes!(api::people::withdraw_invitation))
        .routes(routes!(api::access::show_access, api::access::change_access))
        .routes(routes!(api::access::set_right, api::access::drop_right))
        .routes(routes!(api::access::watch_kb, api::access::unwatch_kb))
        .routes(routes!(api::access::watch_entry, api::access::unwatch_entry))
        .routes(routes!(
            api::notifications::list_notifications,
            api::notifications::send_notification
        ))
        .routes(routes!(api::notifications::delete_notification))
        .routes(routes!(api::notifications::read_notification))
        .routes(routes!(api::notifications::unread_notification))
        .routes(routes!(api::notifications::read_all))
        .routes(routes!(api::notifications::see_all))
        .routes(routes!(
            api::notifications::show_preferences,
            api::notifications::change_preferences
        ))
        .routes(routes!(api::notifications::list_announcements, api::notifications::announce))
        .routes(routes!(api::notifications::withdraw))
        .routes(routes!(api::notifications::dismiss))
        .routes(routes!(api::notifications::presence))
        .routes(routes!(api::jobs::list_jobs))
        .routes(routes!(api::jobs::show_job, api::jobs::dismiss_job))
        .routes(routes!(api::jobs::list_job_items))
        .routes(routes!(api::jobs::crawl))
        .routes(routes!(api::jobs::sync))
        .routes(routes!(api::jobs::cancel_job))
        .routes(routes!(api::jobs::retry_job))
        .routes(routes!(api::logs::list_logs, api::logs::clear_logs))
        .routes(routes!(api::jobs::upload).layer(DefaultBodyLimit::max(UPLOAD_LIMIT)))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

/// What is answered besides the API and the pages.
fn others() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/ws", get(ws::upgrade)),
        ("/ws/notifications/{user_id}", get(ws::notifications)),
        ("/api/crawl-progress/{progress_id}", get(ws::crawl_progress)),
        ("/api/knowledge-items/stream", get(ws::knowledge_items)),
        ("/api/mcp/logs/stream", get(ws::logs)),
        ("/pkg/{build}/{*file}", get(assets::package)),
        ("/login", small(get(enter::show_login).post(enter::login))),
        ("/logout", small(post(enter::logout))),
        ("/claim/{secret}", small(get(enter::show_claim).post(enter::claim))),
        ("/join/{secret}", small(get(enter::show_join).post(enter::join))),
    ]
}

/// Those who are not known yet send little.
fn small(routes: MethodRouter<AppState>) -> MethodRouter<AppState> {
    routes.layer(DefaultBodyLimit::max(enter::FORM_BYTES))
}

/// Every address that the server answers, each with its method where it is no page: `GET /api/kbs`, `/kb/:kb`. For whoever
/// checks that all of them ask who it is.
pub fn addresses() -> Vec<String> {
    let mut all: Vec<String> = openapi()
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = [
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("PATCH", item.patch.is_some()),
                ("DELETE", item.delete.is_some()),
            ];
            methods
                .into_iter()
                .filter(|(_, is_there)| *is_there)
                .map(move |(method, _)| format!("{method} {path}"))
        })
        .collect();
    all.extend(["GET /docs".to_owned(), "GET /api/openapi.json".to_owned()]);
    all.extend(others().into_iter().map(|(path, _)| format!("* {path}")));
    all.extend(generate_route_list(App).iter().map(|page| format!("page {}", page.path())));
    all.extend(leptos::server_fn::axum::server_fn_paths().map(|(path, method)| format!("{method} {path}")));
    all.sort_unstable();
    all
}

/// The API's description.
pub fn openapi() -> Description {
    described(rest().split_for_parts().1)
}

/// Says what all writes have in common, once for all of them.
fn described(mut description: Description) -> Description {
    for (path, item) in &mut description.paths.paths {
        if matches!(path.as_str(), "/api/login" | "/api/logout") {
            continue;
        }
        for write in [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
            .into_iter()
            .flatten()
        {
            let key = ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "Makes the request safe to repeat: 8 to 128 visible ASCII characters, such as a UUID",
                ))
                .schema(Some(Object::with_type(Type::String)));
            write.parameters.get_or_insert_default().push(key.build().into());
        }
    }
    description
}

/// Everything that the server answers.
pub fn router(state: AppState) -> Router {
    let (rest, description) = rest().split_for_parts();
    let description = described(description);
    let leptos = state.leptos.clone();
    let context = {
        let state = state.clone();
        move || pages::provide_for(&state)
    };
    let shell = {
        let options = leptos.clone();
        move || app::shell(options.clone())
    };
    let others = others()
        .into_iter()
        .fold(Router::new(), |router, (path, answers)| router.route(path, answers));
    Router::new()
        .leptos_routes_with_context(&state, generate_route_list(App), context, shell)
        .merge(rest)
        .merge(docs::routes(description, &state.door))
        .merge(others)
        .fallback(pages::fallback)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(extract::BODY_LIMIT))
        .layer(axum::middleware::from_fn_with_state(state.clone(), who::who))
        .layer(axum::middleware::from_fn_with_state(state.sites.clone(), guard::guard))
        .layer(axum::middleware::from_fn_with_state(state.door.trust_proxy, reach::reach))
        // Events must not wait in a compressor; what is packed already is left as it is.
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream"))))
        .layer(constant(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(constant(header::X_FRAME_OPTIONS, "DENY"))
        .layer(constant(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(state)
}

/// The same below the server's prefix, or without it, as a proxy may have stripped it already.
pub fn service(state: AppState) -> Below {
    let prefix = state.door.prefix.clone();
    Below {
        router: router(state),
        prefix,
    }
}

/// Everything that the server answers, below its prefix.
#[derive(Clone)]
pub struct Below {
    router: Router,
    prefix: Arc<str>,
}

impl Service<Request> for Below {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.router.call(strip(request, &self.prefix))
    }
}

fn strip(mut request: Request, prefix: &str) -> Request {
    let uri = request.uri();
    let rest = uri.path_and_query().and_then(|whole| whole.as_str().strip_prefix(prefix));
    let Some(rest) = rest.filter(|rest| !prefix.is_empty() && (rest.is_empty() || rest.starts_with(['/', '?']))) else {
        return request;
    };
    let rest = if rest.starts_with('/') {
        rest.to_owned()
    } else {
        format!("/{rest}")
    };
    let mut parts = uri.clone().into_parts();
    if let Ok(inner) = rest.parse() {
        parts.path_and_query = Some(inner);
        if let Ok(inner) = axum::http::Uri::from_parts(parts) {
            *request.uri_mut() = inner;
        }
    }
    request
}

/// What a log says of a request: neither its query nor what follows a way in, which may hold secrets.
fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let path = request.uri().path();
    let shown = ["/claim/", "/join/"].into_iter().find(|way| path.starts_with(way)).unwrap_or(path);
    tracing::debug_span!("request", method = %request.method(), path = shown)
}

fn constant(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
