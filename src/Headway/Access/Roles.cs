namespace Headway.Access;

/// <summary>What a caller may do. A key has any of them; who is an admin may do everything.</summary>
[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>Calls features and models, and reads the jobs of its tenant.</summary>
    Caller = 1,

    /// <summary>Steers jobs and nodes: pauses, replays, moves, sees what is stuck.</summary>
    Operator = 2,

    /// <summary>Decides what workflows ask people.</summary>
    Approver = 4,

    /// <summary>Reads the audit trail, and no content.</summary>
    Auditor = 8,

    /// <summary>Keys, tenants, and all of the above.</summary>
    Admin = 16,

    All = Caller | Operator | Approver | Auditor | Admin,
}
