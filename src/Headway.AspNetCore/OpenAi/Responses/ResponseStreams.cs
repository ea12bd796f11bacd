using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Events;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Models.Providers.OpenAi;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>The events of a job as those of its response: as they come, and again from its log.</summary>
internal sealed class ResponseStreams(EngineHost host, NodeClock time)
{
    /// <summary>An answer that came whole.</summary>
    public Task WriteAsync(HttpContext context, ResponseRequest request, FeatureVersion version, Answer.Done done)
    {
        var (problem, all) = EventsOf(request, version, done);
        return problem is not null ? ProblemResponse.WriteAsync(context, problem) : WriteAsync(context, done.Job, all.ToAsyncEnumerable());
    }

    /// <summary>An answer that came whole.</summary>
    public static (Problem? Problem, IReadOnlyList<ResponseEvent> Events) EventsOf(ResponseRequest request, FeatureVersion version, Answer.Done done)
    {
        if (Completion.TextOf(done.Result) is not { } text) return (Completion.NotText(done.Job, done.Result), []);
        var events = new ResponseEvents(request, done.Job.Id);
        events.AnsweredBy(done.Job.Attempt);
        // One after the other, because each takes the next number.
        List<ResponseEvent> all = [.. events.Begin(done.Job), events.Start(done.Job)];
        all.AddRange(version.Handler is ModelHandlerDefinition ? events.Chunk(WireAssembly.ChunkOf(done.Result.Body)) : events.Text(text));
        all.AddRange(events.End(done.Job));
        all.Add(ResponseEvent.Done);
        return (null, all);
    }

    /// <summary>What comes of a call, as it comes.</summary>
    public async IAsyncEnumerable<ResponseEvent> ReadAsync(Caller caller, ResponseRequest request, FeatureVersion version, Job job, [EnumeratorCancellation] CancellationToken readerLeft)
    {
        await using var events = Open(caller, job, readerLeft);
        await foreach (var shown in ShowAsync(caller, request, version, job, events, begun: false, readerLeft: readerLeft)) yield return shown;
    }

    private IAsyncEnumerator<JobEvent> Open(Caller caller, Job job, CancellationToken readerLeft) =>
        (job.Mode is Mode.Stream ? host.Engine.AnswerEvents(caller, job.Id, readerLeft) : host.Engine.LoggedEvents(caller, job.Id, readerLeft))!.GetAsyncEnumerator(readerLeft);

    /// <summary>The answer to the call itself. Of a stream the status waits for the first piece: a model that fails before it is an error as any other.</summary>
    public async Task WriteAsync(HttpContext context, Caller caller, ResponseRequest request, FeatureVersion version, Job job)
    {
        await using var events = Open(caller, job, context.RequestAborted);
        var begun = false;
        if (job.Mode is Mode.Stream)
        {
            while (!begun && await events.MoveNextAsync())
            {
                if (events.Current.Kind == "end")
                {
                    await ProblemResponse.WriteAsync(context, await NothingShownAsync(caller, job));
                    return;
                }

                begun = events.Current.Kind is "delta" or "result";
            }
        }

        await WriteAsync(context, job, ShowAsync(caller, request, version, job, events, begun));
    }

    /// <summary>It failed before its first piece; or, asked for again with its key, what it said is no longer kept.</summary>
    private async Task<Problem> NothingShownAsync(Caller caller, Job job)
    {
        var ended = await host.Engine.FindAsync(caller, job.Id);
        if (ended?.Error is { } failure) return EngineProblems.Of(ended, failure);
        return await host.Engine.ResultAsync(caller, job.Id, default) is ResultAnswer.Refused { Refusal: var refusal } ? EngineProblems.Of(refusal, job.Id) : Problem.Gone(job);
    }

    /// <summary>A stored response, shown again or on, behind the event of that number.</summary>
    public async Task WriteAsync(HttpContext context, Caller caller, StoredResponse stored, long? after)
    {
        // What came of it is told of as it is shown; without an answer, what it was asked is shown all the same.
        var isThere = stored.Job.State is JobState.Succeeded || await host.Engine.TellRequestGivenAsync(caller, stored.Job.Id);
        var source = host.Engine.LoggedEvents(caller, stored.Job.Id, context.RequestAborted);
        if (source is null || !isThere)
        {
            await ProblemResponse.WriteAsync(context, StoredResponse.Unknown(ResponseId.Of(stored.Job.Id)));
            return;
        }

        await using var events = source.GetAsyncEnumerator(context.RequestAborted);
        var shown = ShowAsync(caller, stored.Request, stored.Version, stored.Job, events, begun: false, seen: after);
        if (after is { } number && stored.Job.IsFinished)
        {
            // All is there: what lies beyond its end is an error with a status.
            var all = await shown.ToListAsync(context.RequestAborted);
            if (all[^2].Number is { } last && last < number)
            {
                await ProblemResponse.WriteAsync(context, Nodes.Wrong("starting_after", $"`starting_after` is {number}, and the last event of this response is {last}."));
                return;
            }

            shown = all.ToAsyncEnumerable();
        }

        await WriteAsync(context, stored.Job, shown.Where(one => one.Number is null || one.Number > (after ?? -1)));
    }

    private async IAsyncEnumerable<ResponseEvent> ShowAsync(
        Caller caller, ResponseRequest request, FeatureVersion version, Job job, IAsyncEnumerator<JobEvent> events, bool begun, long? seen = null,
        [EnumeratorCancellation] CancellationToken readerLeft = default)
    {
        var made = new ResponseEvents(request, job.Id);
        foreach (var first in made.Begin(job)) yield return first;
        var started = false;
        while (begun || await events.MoveNextAsync())
        {
            begun = false;
            readerLeft.ThrowIfCancellationRequested();
            var (kind, data) = (events.Current.Kind, events.Current.Data);
            if (!started && IsUnderWay(kind, data))
            {
                started = true;
                yield return made.Start(job);
            }

            var ended = kind is "result" or "end" ? await host.Engine.FindAsync(caller, job.Id) ?? job : job;
            if (kind == "end" && seen is { } number && MayHaveShownMore(ended)) made.GoOnBehind(number);
            foreach (var shown in made.Take(version, events.Current, ended)) yield return shown;
            if (kind == "end") break;
        }

        yield return ResponseEvent.Done;
    }

    /// <summary>Whoever waits for a stream sees its pieces before they are in the log, and more than that if the stream did not end by itself.</summary>
    private static bool MayHaveShownMore(Job ended) => ended.Mode is Mode.Stream && (ended.State is JobState.Cancelled || ended.Error?.Code == JobFailures.NodeLost.Code);

    // What is said of a job that still waits is no start; whatever else comes, even its end, stands behind one.
    private static bool IsUnderWay(string kind, ReadOnlyMemory<byte> data)
    {
        if (kind != "status") return true;
        using var parsed = JsonDocument.Parse(data);
        return parsed.RootElement.GetProperty("state").ValueEquals("running");
    }

    private Task WriteAsync(HttpContext context, Job job, IAsyncEnumerable<ResponseEvent> events)
    {
        Answers.Describe(context.Response.Headers, job);
        return EventStream.WriteAsync(context, events, Write, time, context.RequestAborted);
    }

    private static void Write(PipeWriter to, ResponseEvent shown)
    {
        if (shown.Number is not null)
        {
            to.Write("event: "u8);
            Encoding.UTF8.GetBytes(shown.Type, to);
            to.Write("\n"u8);
        }

        to.Write("data: "u8);
        to.Write(shown.Data.Span);
        to.Write("\n\n"u8);
    }
}
