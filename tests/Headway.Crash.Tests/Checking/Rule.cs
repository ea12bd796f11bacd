namespace Headway.Crash.Tests.Checking;

/// <summary>Something that must never be true of a database whose node is at rest.</summary>
/// <param name="Name">What was broken, for people and for tests that look for it.</param>
/// <param name="Offenders">A query that gives `job, detail` for everything that breaks it.</param>
internal sealed record Rule(string Name, string Offenders);

/// <param name="Rule">Name of the broken rule.</param>
internal sealed record Breach(string Rule, string Job, string Detail)
{
    public override string ToString() => $"{Rule}: {Job} {Detail}";
}
