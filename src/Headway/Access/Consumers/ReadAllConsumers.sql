-- Of all tenants, for people: a walk along the primary key; of one feature where it is named.
SELECT tenant, feature, version, actor, began, last, calls FROM consumers WHERE (feature = $1 OR $2 = 1) ORDER BY tenant, feature, version, last DESC LIMIT $3
