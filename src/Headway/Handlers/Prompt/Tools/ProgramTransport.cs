using System.Diagnostics;
using System.Threading.Channels;
using Headway.Features;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>A tool server that is a program: it is started here, and read line by line.</summary>
/// <remarks>The library's own transport reads lines without a bound, so that a program could fill this node's memory.</remarks>
internal sealed class ProgramTransport(ToolServerDefinition server) : IClientTransport
{
    public string Name => server.Name;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default)
    {
        var process = Process.Start(StartInfo())!;
        // What it complains of is nobody's to keep, and must not hold it up.
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None).ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        try
        {
            var lines = new CappedLines(process.StandardOutput.BaseStream, ToolTransport.MostBytes);
            return new Session(await new StreamClientTransport(process.StandardInput.BaseStream, lines).ConnectAsync(cancellationToken).ConfigureAwait(false), process);
        }
        catch
        {
            await EndAsync(process).ConfigureAwait(false);
            throw;
        }
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(server.Command[0], server.Command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        if (server.Folder is not null) start.WorkingDirectory = server.Folder;
        // The keys of models and of the database are in ours.
        start.Environment.Clear();
        foreach (var (name, value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables()) start.Environment[name] = value;
        foreach (var (name, value) in server.Environment) start.Environment[name] = value;
        return start;
    }

    private static async Task EndAsync(Process process)
    {
        using (process)
        {
            try
            {
                using var limit = new CancellationTokenSource(ToolTransport.LeaveWithin);
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // It was told by the end of its input, and goes on all the same.
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private sealed class Session(ITransport lines, Process process) : ITransport
    {
        public string? SessionId => lines.SessionId;

        ChannelReader<JsonRpcMessage> ITransport.MessageReader => lines.MessageReader;

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default) => lines.SendMessageAsync(message, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            await lines.DisposeAsync().ConfigureAwait(false);
            await EndAsync(process).ConfigureAwait(false);
        }
    }
}
