using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsRerunCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();
    private readonly Option<string?> _from = new("--from") { Description = "The first step that is done anew. Default: the first there is.", HelpName = "STEP" };
    private readonly Option<int?> _occurrence = new("--occurrence") { Description = "Which of the steps of that name. Default: 1.", HelpName = "N" };
    private readonly Option<string?> _input = new("--input", "-i") { Description = "JSON in the place of the input: a file, `-` or the text itself.", HelpName = "INPUT" };

    public JobsRerunCommand(Terminal terminal, GlobalOptions global)
        : base("rerun", "Runs a workflow again from a step on, as a new job that has got what this one got before.", "headway jobs rerun job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b --from report", terminal, global)
    {
        Add(_job);
        Add(_from);
        Add(_occurrence);
        Add(_input);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var (isRead, input) = await CallInput.GivenAsync(line.GetValue(_input), Terminal, stop);
        if (!isRead) return ExitCode.Usage;

        var job = await client.RerunAsync(line.GetRequiredValue(_job), new RerunOptions { From = line.GetValue(_from), Occurrence = line.GetValue(_occurrence), Input = input }, stop);
        JobView.WriteLine(Terminal, job, IsJson(line));
        return ExitCode.Ok;
    }
}
