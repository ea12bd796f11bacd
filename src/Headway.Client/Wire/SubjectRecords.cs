namespace Headway.Client;

/// <summary>Subjects of which nothing may go.</summary>
/// <param name="Holds">The oldest first.</param>
public sealed record HoldListRecord(IReadOnlyList<HoldRecord> Holds);

/// <summary>A subject under a legal hold.</summary>
/// <param name="Reason">As it was given.</param>
/// <param name="Actor">Who holds it.</param>
public sealed record HoldRecord(string Subject, string Reason, string Actor, DateTimeOffset Created);

/// <summary>What an erasure took away.</summary>
/// <param name="Jobs">That held something of the subject; their records stay, without anything that was said.</param>
/// <param name="Files">Kept files.</param>
/// <param name="Keys">Data keys that were destroyed: what they sealed can be read by nobody, wherever a copy of it is.</param>
public sealed record ErasureRecord(int Jobs, int Files, int Keys);
