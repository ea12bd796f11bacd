using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Jobs;
using Headway.Jobs.Running;
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

    public IAsyncEnumerator<JobEvent> Open(Job job, CancellationToken readerLeft) => engine.AnswerEvents(caller, job.Id, readerLeft).GetAsyncEnumerator(readerLeft);

    /// <summary>Moves to the first event that shows something. The problem, if the job ended without any.</summary>
    public async Task<Problem?> FailureBeforeAsync(IAsyncEnumerator<JobEvent> events, Job job)
    {
        while (await events.MoveNextAsync())
        {
            if (ShowsSomething(events.Current)) return null;
            if (events.Current.Kind == "end") return (await EndAsync(job)).Problem ?? await NotKeptAsync(job);
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
                yield return shown.State is not JobState.Succeeded && (await EndAsync(job)).Problem is { } problem ? OpenAiError.Event(problem) : Completion.Done;
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

        // Somebody has removed the job meanwhile.
        yield return OpenAiError.Event(Problem.Gone(job));
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

        yield return OpenAiError.Event(Problem.Gone(job));
    }

    public async Task<(Problem? Problem, string Text, Job? Ended)> CollectAsync(IAsyncEnumerator<JobEvent> events, Job job)
    {
        var (text, any) = (new StringBuilder(), false);
        while (await events.MoveNextAsync())
        {
            if (events.Current.Kind == "restart") text.Clear();
            any |= ShowsSomething(events.Current);
            text.Append(TextOf(events.Current));
        }

        var (problem, ended) = await EndAsync(job);
        return (problem ?? (any ? null : await NotKeptAsync(job)), text.ToString(), ended);
    }

    /// <summary>Of a job that succeeded and shows nothing: even an empty answer is shown as such while it is kept.</summary>
    private async Task<Problem?> NotKeptAsync(Job job) => await engine.ResultAsync(caller, job.Id, default) is ResultAnswer.Refused { Refusal: var refusal } ? EngineProblems.Of(refusal, job.Id) : null;

    private async Task<(Problem? Problem, Job? Ended)> EndAsync(Job job)
    {
        if (await engine.FindAsync(caller, job.Id) is not { } ended) return (Problem.Gone(job), null);
        return ended.State is JobState.Succeeded ? (null, ended) : (ended.Error is { } failure ? EngineProblems.Of(ended, failure) : Problem.Gone(job), ended);
    }

    private static bool ShowsSomething(JobEvent shown) => shown.Kind is "result" || (shown.Kind is "delta" && !OutputJson.IsBeside(shown.Data));

    private static string? TextOf(JobEvent shown)
    {
        if (!ShowsSomething(shown)) return null;
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
