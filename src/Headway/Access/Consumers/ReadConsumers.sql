-- Of a tenant, by primary key prefix; of one feature where it is named.
SELECT tenant, feature, version, actor, began, last, calls FROM consumers WHERE tenant = $1 AND (feature = $2 OR $3 = 1) ORDER BY feature, version, last DESC LIMIT $4
