using System.CommandLine;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsShowCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobArgument();
    private readonly Option<bool> _result = new("--result") { Description = "Writes the result instead, byte for byte. Recorded as a delivery." };
    private readonly Option<bool> _audit = new("--audit") { Description = "Writes the audit events instead." };

    public JobsShowCommand(Terminal terminal, GlobalOptions global)
        : base("show", "Shows a job with its attempts, or its result, or its audit events.", "headway jobs show job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b --result", terminal, global)
    {
        Add(_job);
        Add(_result);
        Add(_audit);
        Validators.Add(line =>
        {
            if (line.GetValue(_result) && line.GetValue(_audit)) line.AddError("--result and --audit exclude each other.");
        });
    }

    public static Argument<string> JobArgument() => NameArgument.Create("JOB", "Id of the job: job_ and 32 hex digits.");

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var id = line.GetRequiredValue(_job);
        if (line.GetValue(_result))
        {
            ResultView.Write(Terminal, await client.ResultAsync(id, stop), IsJson(line));
            return ExitCode.Ok;
        }

        if (line.GetValue(_audit))
        {
            AuditTable.Write(Terminal, await client.AuditAsync(id, stop), IsJson(line));
            return ExitCode.Ok;
        }

        var job = await client.GetJobAsync(id, stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(job, HeadwayJson.Wire.JobRecord));
        else JobView.Write(Terminal, job, await client.AttemptsAsync(id, stop));
        return ExitCode.Ok;
    }
}
