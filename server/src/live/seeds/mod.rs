//! The seeds' own endpoints: thin adapters over the hub, one file each, so that the clients printed in the seeds work
//! unchanged. Their frames keep their own shape.

pub mod notifications;
