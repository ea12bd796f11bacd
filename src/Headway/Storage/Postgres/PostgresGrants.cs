namespace Headway.Storage.Postgres;

/// <summary>
/// What a node may do whose role does not own the tables: work with them, and neither make nor change one. What is told in the audit trail it can add to
/// and read, and not even try to change.
/// </summary>
internal static class PostgresGrants
{
    // A test compares these lists with the tables there are.
    private const string Worked = "alerts, api_keys, attempts, cached_answers, commits, consumers, data_keys, deliveries, delivery_attempts, endpoints, file_chunks, files, former_inputs, gaps, gate_turns, idempotency, jobs, kept_files, leases, legal_holds, model_grants, model_slots, payloads, pool_shares, queue, replays, reservations, signals, stream_log, turns, waits, walks, workflow_pins";
    private const string Kept = "api_key_changes, budgets, cached_sizes, kept_sizes, master_key, pools, tenant_keys";

    /// <summary>Statements for the owner, who runs them again after each migration: one that is new may have brought tables.</summary>
    public static string For(string role, string database)
    {
        var (to, of) = (Quoted(role), Quoted(database));
        return $"""
            GRANT CONNECT ON DATABASE {of} TO {to};
            GRANT USAGE ON SCHEMA public TO {to};
            GRANT SELECT, INSERT, UPDATE, DELETE ON {Worked} TO {to};
            GRANT SELECT, INSERT, UPDATE ON {Kept} TO {to};
            GRANT SELECT, INSERT, DELETE ON audit_unchained, journal, model_calls TO {to};
            GRANT SELECT, INSERT ON audit_chain, audit_checkpoints, audit_dropping, audit_events, audit_keys, audit_segments, definitions, destroyed_keys TO {to};
            GRANT SELECT ON audit_retention TO {to};
            GRANT SELECT ON migrations TO {to};
            GRANT USAGE ON SEQUENCE payload_numbers TO {to};
            GRANT EXECUTE ON FUNCTION headway_now() TO {to};

            """;
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
