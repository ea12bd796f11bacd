using System.Diagnostics;
using System.Globalization;
using Headway.Client;

namespace ClinicTour;

/// <summary>Shows what happens and remembers what was not as the contract says.</summary>
internal sealed class Guide(HeadwayClient client, string inputs, TextWriter output)
{
    private int _kept;
    private int _broken;

    public HeadwayClient Client => client;

    public string Input(string file) => File.ReadAllText(Path.Combine(inputs, file));

    /// <summary>A process that has just started compiles what it runs: the first calls are slower than any after them, and tell nothing of the contract.</summary>
    public async Task WarmUpAsync()
    {
        await client.CallAsync("intake-triage", Input("intake-child.json"));
        await client.CallAsync("interaction-check", Input("interactions-unknown.json"));
    }

    public void Announce(string feature, string mode, string promise)
    {
        output.WriteLine();
        output.WriteLine($"{feature}  ({mode})");
        output.WriteLine($"  the contract: {promise}");
    }

    public void Tell(string what) => output.WriteLine($"  {what}");

    /// <summary>A promise that this tour can see kept or broken.</summary>
    public void Promise(bool kept, string what)
    {
        if (kept) _kept++;
        else _broken++;
        output.WriteLine($"  {(kept ? "ok    " : "BROKEN")} {what}");
    }

    /// <summary>Calls and tells how long it took to be answered.</summary>
    public static async Task<(T Answer, TimeSpan Took)> TimeAsync<T>(Func<Task<T>> call)
    {
        var began = Stopwatch.GetTimestamp();
        var answer = await call();
        return (answer, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Shows the record and the audit trail of a job, and compares the trail with what is promised for its mode.</summary>
    public async Task<JobRecord> ShowJobAsync(string id, Mode mode, params string[] trail)
    {
        var job = await client.GetJobAsync(id);
        var audit = await client.AuditAsync(id);
        var actions = audit.Select(entry => entry.Action).ToArray();
        Tell($"job   {job.Id}: {job.State.ToString().ToLowerInvariant()}, attempt {job.Attempt}, {Seconds((job.Finished ?? job.Created) - job.Created)} from acceptance to its end{(job.Model is null ? "" : $", by {job.Model}")}");
        Tell($"audit {string.Join(" > ", audit.Select(entry => entry.Action + (entry.Recipient is null ? "" : $"({entry.Recipient})")))}");
        Promise(job.Mode == mode && job.State == JobState.Succeeded, $"a job in mode {mode.ToString().ToLowerInvariant()} that succeeded");
        Promise(IsIn(trail, actions), $"the trail holds, in this order: {string.Join(", ", trail)}");
        Promise(audit.All(entry => entry.Data == "phi" && entry.Correlation == job.Correlation), "every event carries the class of the data and one correlation id");
        return job;
    }

    public int Sum()
    {
        output.WriteLine();
        output.WriteLine(_broken == 0 ? $"tour: {_kept} promises kept" : $"tour: {_kept} promises kept, {_broken} BROKEN");
        return _broken == 0 ? 0 : 1;
    }

    public static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) + " s";

    /// <summary>The first lines of an answer.</summary>
    public static string Beginning(string text, int length = 140)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= length ? line : line[..length] + "…";
    }

    private static bool IsIn(string[] wanted, string[] actions)
    {
        var next = 0;
        foreach (var action in actions)
        {
            if (next < wanted.Length && action == wanted[next]) next++;
        }
        return next == wanted.Length;
    }
}
