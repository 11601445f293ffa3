-- A link by a name that an entry had before finds it without looking at all that have an alias of this name.
CREATE INDEX entry_names_former ON entry_names (kb_name, name, uid) WHERE former;
