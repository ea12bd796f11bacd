using System.Text;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headway.AspNetCore.Features.Headers;

/// <summary>What the headers of a call ask for, each one parsed or refused by name.</summary>
internal readonly record struct CallHeaders
{
    /// <summary>Subjects are ids of things ("encounter/8812"), not texts.</summary>
    private const int LongestSubject = 256;

    public Preferences Prefer { get; private init; }
    public string? IdempotencyKey { get; private init; }
    public string? Subject { get; private init; }
    public int Priority { get; private init; }
    public DateTimeOffset? Deadline { get; private init; }
    public DateTimeOffset? StartAt { get; private init; }
    public UniqueWish? Unique { get; private init; }
    public DebounceWish? Debounce { get; private init; }
    public string? Endpoint { get; private init; }
    public string? Metadata { get; private init; }
    public string? TraceParent { get; private init; }
    public CacheWish Cache { get; private init; }

    /// <summary>Null and the headers, or the first problem there is.</summary>
    public static Problem? Read(IHeaderDictionary headers, FeatureVersion feature, FeatureFile file, DateTimeOffset now, out CallHeaders call)
    {
        call = new CallHeaders { Priority = 5, Cache = CacheWishes.Read(headers) };
        return ReadPrefer(headers, ref call)
            ?? ReadIdempotencyKey(headers, ref call)
            ?? ReadSubject(headers, ref call)
            ?? ReadPriority(headers, ref call)
            ?? ReadDeadline(headers, now, ref call)
            ?? ReadStartAt(headers, feature, now, ref call)
            ?? ReadUnique(headers, feature, ref call)
            ?? ReadDebounce(headers, feature, ref call)
            ?? ReadEndpoint(headers, feature, file, ref call)
            ?? ReadMetadata(headers, ref call)
            ?? ReadTraceParent(headers, ref call);
    }

    public Call Call(FeatureVersion version, Caller caller, JobInput input) => new()
    {
        Feature = version,
        Caller = caller,
        Input = input,
        IdempotencyKey = IdempotencyKey,
        Subject = Subject,
        Priority = Math.Min(Priority, caller.MostPriority),
        Deadline = Deadline,
        StartAt = StartAt,
        Unique = Unique,
        Debounce = Debounce,
        Endpoint = Endpoint,
        Metadata = Metadata,
        TraceParent = TraceParent,
        Cache = Cache,
        PreferWait = Prefer.Wait,
        PreferAsync = Prefer is { RespondAsync: true, Wait: null },
    };

    private static Problem? ReadPrefer(IHeaderDictionary headers, ref CallHeaders call)
    {
        var values = headers["Prefer"];
        if (values.Count == 0) return null;
        if (!Preferences.TryParse(values.Count == 1 ? values[0]! : string.Join(',', values.ToArray()), out var prefer))
            return Broken(ProblemKind.PreferInvalid, "Prefer", Preferences.Rule);
        call = call with { Prefer = prefer };
        return null;
    }

    /// <summary>Idempotency-Key alone, for what is no call of a feature; null: it was not given.</summary>
    public static Problem? ReadIdempotencyKey(IHeaderDictionary headers, out string? key)
    {
        key = null;
        if (!Given(headers, "Idempotency-Key", out var text, out var problem)) return problem;
        if (!Headers.IdempotencyKey.TryParse(text, out var said)) return Broken(ProblemKind.IdempotencyKeyInvalid, "Idempotency-Key", Headers.IdempotencyKey.Rule);
        key = said;
        return null;
    }

    private static Problem? ReadIdempotencyKey(IHeaderDictionary headers, ref CallHeaders call)
    {
        var problem = ReadIdempotencyKey(headers, out var key);
        call = call with { IdempotencyKey = key };
        return problem;
    }

    public static bool IsSubject(string text) => text.Length is > 0 and <= LongestSubject && !text.EnumerateRunes().Any(Rune.IsControl);

    /// <summary>Headway-Subject alone, for what is no call of a feature; null: it was not given.</summary>
    public static Problem? ReadSubject(IHeaderDictionary headers, out string? subject)
    {
        subject = null;
        if (!Given(headers, "Headway-Subject", out var text, out var problem)) return problem;
        if (!IsSubject(text))
            return Broken(ProblemKind.SubjectInvalid, "Headway-Subject", "It is 1 to 256 characters without control characters, such as encounter/8812.");
        subject = text;
        return null;
    }

    private static Problem? ReadSubject(IHeaderDictionary headers, ref CallHeaders call)
    {
        var problem = ReadSubject(headers, out var subject);
        call = call with { Subject = subject };
        return problem;
    }

    private static Problem? ReadPriority(IHeaderDictionary headers, ref CallHeaders call)
    {
        if (!Given(headers, "Headway-Priority", out var text, out var problem)) return problem;
        if (text.Length != 1 || !char.IsAsciiDigit(text[0]))
            return Broken(ProblemKind.PriorityInvalid, "Headway-Priority", "It is one digit, 0 to 9; higher goes first and 5 is usual.");
        call = call with { Priority = text[0] - '0' };
        return null;
    }

    private static Problem? ReadDeadline(IHeaderDictionary headers, DateTimeOffset now, ref CallHeaders call)
    {
        if (!Given(headers, "Headway-Deadline", out var text, out var problem)) return problem;
        if (!Moment.TryParse(text, now, out var deadline)) return Broken(ProblemKind.DeadlineInvalid, "Headway-Deadline", Moment.Rule);
        call = call with { Deadline = deadline };
        return null;
    }

    private static Problem? ReadStartAt(IHeaderDictionary headers, FeatureVersion feature, DateTimeOffset now, ref CallHeaders call)
    {
        if (!Given(headers, "Headway-Start-At", out var text, out var problem)) return problem;
        if (feature.Contract.Mode != Mode.Async)
        {
            return new Problem(ProblemKind.StartAtForbidden,
                $"{feature.FullName} is {Words.Of(feature.Contract.Mode)}: its caller waits for the answer. Leave Headway-Start-At out, or call an async feature.");
        }

        if (!Moment.TryParse(text, now, out var start)) return Broken(ProblemKind.StartAtInvalid, "Headway-Start-At", Moment.Rule);
        call = call with { StartAt = start };
        return null;
    }

    private static Problem? ReadUnique(IHeaderDictionary headers, FeatureVersion feature, ref CallHeaders call)
    {
        if (!Given(headers, "Headway-Unique", out var text, out var problem)) return problem;
        if (feature.Contract.Mode is not (Mode.Async or Mode.Hybrid))
        {
            return new Problem(ProblemKind.UniqueForbidden,
                $"{feature.FullName} is {Words.Of(feature.Contract.Mode)}: there is no job that another caller could be given. Leave Headway-Unique out, or call an async or hybrid feature.");
        }

        if (!HeldKeys.TryParseUnique(text, out var unique)) return Broken(ProblemKind.UniqueInvalid, "Headway-Unique", HeldKeys.UniqueRule);
        call = call with { Unique = unique };
        return null;
    }

    private static Problem? ReadDebounce(IHeaderDictionary headers, FeatureVersion feature, ref CallHeaders call)
    {
        if (!Given(headers, "Headway-Debounce", out var text, out var problem)) return problem;
        if (feature.Contract.Mode is not Mode.Async)
        {
            return new Problem(ProblemKind.DebounceForbidden,
                $"{feature.FullName} is {Words.Of(feature.Contract.Mode)}: its caller waits for the answer. Leave Headway-Debounce out, or call an async feature.");
        }

        if (call.StartAt is not null || call.Unique is not null)
            return new Problem(ProblemKind.DebounceForbidden, "Headway-Debounce says itself when the job starts and what another call means: leave Headway-Start-At and Headway-Unique out.");
        if (!HeldKeys.TryParseDebounce(text, out var debounce)) return Broken(ProblemKind.DebounceInvalid, "Headway-Debounce", HeldKeys.DebounceRule);
        call = call with { Debounce = debounce };
        return null;
    }

    // A name and no address: where results go is decided by whoever keeps the feature file.
    private static Problem? ReadEndpoint(IHeaderDictionary headers, FeatureVersion feature, FeatureFile file, ref CallHeaders call)
    {
        if (!Given(headers, "Headway-Endpoint", out var text, out var problem)) return problem;
        if (feature.Contract.Mode is not (Mode.Async or Mode.Hybrid))
        {
            return new Problem(ProblemKind.EndpointForbidden,
                $"{feature.FullName} is {Words.Of(feature.Contract.Mode)}: its caller has the answer. Leave Headway-Endpoint out, or call an async or hybrid feature.");
        }

        if (!file.Endpoints.ContainsKey(text))
        {
            var address = text.Contains("://", StringComparison.Ordinal) ? " Endpoints are called by their names, never by addresses." : Phrases.Suggest(text, file.Endpoints.Keys);
            return new Problem(ProblemKind.EndpointUnknown, $"Headway-Endpoint names {Phrases.Quote(text)}, which the feature file does not register under `endpoints`.{address}");
        }

        call = call with { Endpoint = text };
        return null;
    }

    private static Problem? ReadMetadata(IHeaderDictionary headers, ref CallHeaders call)
    {
        if (!Given(headers, "Headway-Metadata", out var text, out var problem)) return problem;
        if (!Headers.Metadata.TryParse(text, out var json)) return Broken(ProblemKind.MetadataInvalid, "Headway-Metadata", Headers.Metadata.Rule);
        call = call with { Metadata = json };
        return null;
    }

    private static Problem? ReadTraceParent(IHeaderDictionary headers, ref CallHeaders call)
    {
        if (headers.TraceParent is [{ } text] && Headers.TraceParent.IsValid(text)) call = call with { TraceParent = text };
        return null;
    }

    private static bool Given(IHeaderDictionary headers, string name, out string text, out Problem? problem)
    {
        problem = null;
        text = "";
        if (!headers.TryGetValue(name, out StringValues values) || values.Count == 0) return false;
        if (values.Count == 1)
        {
            text = values[0] ?? "";
            return true;
        }

        problem = new Problem(ProblemKind.HeaderRepeated, $"{name} was given {values.Count} times; give it once.");
        return false;
    }

    private static Problem Broken(ProblemKind kind, string header, string rule) => new(kind, $"{header} cannot be read. {rule}");
}
