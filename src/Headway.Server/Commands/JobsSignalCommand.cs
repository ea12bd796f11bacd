using System.CommandLine;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class JobsSignalCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();
    private readonly Argument<string> _name = new("NAME") { Description = "As the workflow calls it, with the branches it lies in before it." };
    private readonly Argument<string?> _body = new("BODY") { Description = "JSON: a file, `-` or the text itself. Default: null.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _key = new("--idempotency-key") { Description = "Sent again with the same key it is the same signal.", HelpName = "KEY" };

    public JobsSignalCommand(Terminal terminal, GlobalOptions global)
        : base("signal", "Sends a workflow what it waits for, such as a decision.", """headway jobs signal job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b legal '{"granted":true,"reason":"Fine."}'""", terminal, global)
    {
        Add(_job);
        Add(_name);
        Add(_body);
        Add(_key);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var (isRead, body) = await CallInput.GivenAsync(line.GetValue(_body), Terminal, stop);
        if (!isRead) return ExitCode.Usage;
        var sent = await client.SignalAsync(line.GetRequiredValue(_job), line.GetRequiredValue(_name), body ?? "null", line.GetValue(_key), stop);
        await Terminal.Out.WriteLineAsync(IsJson(line) ? JsonSerializer.Serialize(sent, HeadwayJson.Wire.SignalRecord) : $"{sent.Name}: {sent.State}");
        return ExitCode.Ok;
    }
}
