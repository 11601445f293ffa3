-- The issuer (`iss` of a JWT) whose tokens speak for an account: the one that made it, or one that its owner linked to it.
-- NULL for an account that is known by its password or by tokens of this server only.
ALTER TABLE people ADD COLUMN issuer TEXT;
