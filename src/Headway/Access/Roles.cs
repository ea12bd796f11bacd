using Headway.Features;

namespace Headway.Access;

/// <summary>What a caller may do. A key has any of them; who is an admin may do everything. The numbers are stored.</summary>
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

    /// <summary>Comes for jobs and brings back what came of them.</summary>
    Worker = 32,

    /// <summary>Those who may see what jobs hold.</summary>
    Readers = Caller | Operator | Approver,

    All = Caller | Operator | Approver | Auditor | Admin | Worker,
}

/// <summary>Roles in words, as keys and tokens name them.</summary>
internal static class RoleWords
{
    private static readonly Roles[] Single = [Roles.Caller, Roles.Operator, Roles.Approver, Roles.Auditor, Roles.Worker, Roles.Admin];

    public static IReadOnlyList<string> All { get; } = [.. Single.Select(Words.Of)];

    public static IReadOnlyList<string> Of(Roles roles) => [.. Single.Where(one => (roles & one) != 0).Select(Words.Of)];

    /// <summary>None: it is no such word.</summary>
    public static Roles Read(string word) => Single.FirstOrDefault(one => Words.Of(one) == word);

    /// <summary>Any of these, for a sentence.</summary>
    public static string AnyOf(Roles roles) => string.Join(" or ", Of(roles));
}
