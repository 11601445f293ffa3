//! Which address leads where.

use super::{api, assets, docs, extract, guard, health, pages, problem, sse, ws};
use crate::domain::Caller;
use crate::state::AppState;
use app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::get;
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Description;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The API's description, without its paths, which come from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(title = "Tidings", description = "A knowledge base that tells you when it changes. Errors are application/problem+json (RFC 9457) with a stable `code`."),
    tags((name = "knowledge bases"), (name = "entries"), (name = "history"), (name = "trash"), (name = "search"), (name = "events"), (name = "health"))
)]
struct Api;

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
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

/// The API's description.
pub fn openapi() -> Description {
    rest().split_for_parts().1
}

/// Everything that the server answers.
pub fn router(state: AppState) -> Router {
    let (rest, description) = rest().split_for_parts();
    let leptos = state.leptos.clone();
    let context = {
        let state = state.clone();
        // With `--auth off` everybody is the owner.
        move || pages::provide(&state, Caller::owner())
    };
    let shell = {
        let options = leptos.clone();
        move || app::shell(options.clone())
    };
    Router::new()
        .leptos_routes_with_context(&state, generate_route_list(App), context, shell)
        .merge(rest)
        .merge(docs::routes(description))
        .route("/ws", get(ws::upgrade))
        .route("/pkg/{build}/{*file}", get(assets::package))
        .fallback(pages::fallback)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(extract::BODY_LIMIT))
        .layer(axum::middleware::from_fn_with_state(state.sites.clone(), guard::guard))
        // Events must not wait in a compressor; what is packed already is left as it is.
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream"))))
        .layer(constant(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(constant(header::X_FRAME_OPTIONS, "DENY"))
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http())
        .with_state(state)
}

fn constant(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
