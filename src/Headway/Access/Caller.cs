namespace Headway.Access;

/// <summary>Who calls. Every row a call leaves behind carries tenant and actor; until keys exist they are `default` and `local`.</summary>
/// <param name="Tenant">Whose data it is. Nothing crosses tenants.</param>
/// <param name="Actor">The key or person.</param>
/// <param name="Address">The network address the call came from, if any.</param>
internal sealed record Caller(string Tenant, string Actor, string? Address)
{
    public static readonly Caller Local = new("default", "local", null);
}
