using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Jobs;
using Headway.Models.Providers.OpenAi;

namespace Headway.AspNetCore.OpenAi;

/// <summary>The events of a job as the chunks of a chat completion.</summary>
internal sealed class ChunkStream(Engine engine, Caller caller, ModelRequestBody body, TimeProvider time)
{
    // Around a piece that is JSON, as the log keeps it.
    private const int Opening = 9, Closing = 1;

    public static void Write(PipeWriter to, ReadOnlyMemory<byte> data)
    {
        to.Write("data: "u8);
        to.Write(data.Span);
        to.Write("\n\n"u8);
    }

    public IAsyncEnumerator<JobEvent> Open(Job job, CancellationToken readerLeft)
    {
        var events = engine.AnswerEvents(caller, job.Id, readerLeft) ?? throw new InvalidOperationException($"The stream of {job.Id} has no events");
        return events.GetAsyncEnumerator(readerLeft);
    }

    /// <summary>Moves to the first event that shows something. The problem, if the job ended without any.</summary>
    public async Task<Problem?> FailureBeforeAsync(IAsyncEnumerator<JobEvent> events, Job job)
    {
        while (await events.MoveNextAsync())
        {
            if (events.Current.Kind is "delta" or "result") return null;
            if (events.Current.Kind == "end") return (await EndAsync(job)).Problem;
        }

        return Problem.Gone(job);
    }

    /// <summary>Of an exposed model: its own chunks. The usage goes out only to those who asked for it, though Headway always does.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PassAsync(IAsyncEnumerator<JobEvent> events, Job job)
    {
        do
        {
            var shown = events.Current;
            if (shown.Kind == "end")
            {
                yield return (await EndAsync(job)).Problem is { } problem ? OpenAiError.Event(problem) : Completion.Done;
                yield break;
            }

            var chunk = shown.Kind switch
            {
                "delta" => shown.Data[Opening..^Closing],
                "result" => WireAssembly.ChunkOf(shown.Data),
                _ => default,
            };
            if (!chunk.IsEmpty && (body.IncludeUsage || !IsUsageAlone(chunk))) yield return chunk;
        }
        while (await events.MoveNextAsync());
    }

    /// <summary>Of a feature: chunks made of its text.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> MakeAsync(IAsyncEnumerator<JobEvent> events, Job job)
    {
        var created = time.GetUtcNow();
        var completion = new Completion(job, body.Version.Feature, created);
        yield return completion.Begin;
        do
        {
            if (events.Current.Kind == "end")
            {
                var (problem, ended) = await EndAsync(job);
                if (problem is not null) yield return OpenAiError.Event(problem);
                else foreach (var chunk in new Completion(ended!, body.Version.Feature, created).End(body.IncludeUsage)) yield return chunk;
                yield break;
            }

            if (TextOf(events.Current) is { } text) yield return completion.Delta(text);
        }
        while (await events.MoveNextAsync());
    }

    public async Task<(Problem? Problem, string Text, Job? Ended)> CollectAsync(IAsyncEnumerator<JobEvent> events, Job job)
    {
        var text = new StringBuilder();
        while (await events.MoveNextAsync())
        {
            if (events.Current.Kind == "restart") text.Clear();
            text.Append(TextOf(events.Current));
        }

        var (problem, ended) = await EndAsync(job);
        return (problem, text.ToString(), ended);
    }

    private async Task<(Problem? Problem, Job? Ended)> EndAsync(Job job)
    {
        if (await engine.FindAsync(caller, job.Id) is not { } ended) return (Problem.Gone(job), null);
        return ended.State is JobState.Succeeded ? (null, ended) : (ended.Error is { } failure ? EngineProblems.Of(ended, failure) : Problem.Gone(job), ended);
    }

    private static string? TextOf(JobEvent shown)
    {
        if (shown.Kind is not ("delta" or "result")) return null;
        using var data = JsonDocument.Parse(shown.Data);
        var said = data.RootElement;
        if (shown.Kind == "delta") said = said.TryGetProperty("text", out var text) ? text : said.GetProperty("value");
        return said.ValueKind is JsonValueKind.String ? said.GetString() : said.GetRawText();
    }

    private static bool IsUsageAlone(ReadOnlyMemory<byte> chunk)
    {
        if (chunk.Span.IndexOf("\"usage\""u8) < 0) return false;
        using var parsed = JsonDocument.Parse(chunk);
        return parsed.RootElement.TryGetProperty("usage", out var usage) && usage.ValueKind is JsonValueKind.Object
            && (!parsed.RootElement.TryGetProperty("choices", out var choices) || choices.ValueKind is not JsonValueKind.Array || choices.GetArrayLength() == 0);
    }
}
