using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.Payloads.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Headway.AspNetCore.OpenAi.Files;

/// <summary>The form of `POST /v1/files`: its file goes to the payload store as it comes, wherever in the form it stands, and is kept once all fields are known.</summary>
internal sealed class FileForm(KeptFiles files, Caller caller, string? subject, string? key, CancellationToken callerLeft)
{
    /// <summary>Four fields are known.</summary>
    private const int MostParts = 10;

    /// <summary>The fields are words and numbers.</summary>
    private const int LongestField = 256;

    /// <summary>Boundaries, headers of parts and fields around the file.</summary>
    private const int Around = 64 * 1024;

    /// <summary>Media types are words; the longest registered one has 100 characters.</summary>
    private const int LongestMediaType = 255;

    // As OpenAI has it: between an hour and thirty days; and a batch, which is read once, stays no longer unless something else is asked.
    private const int Shortest = 3_600;
    private const int Longest = 30 * 24 * 3_600;
    private static readonly TimeSpan OfBatches = TimeSpan.FromSeconds(Longest);

    private ArrivedFile? _file;
    private FilePurpose? _purpose;
    private bool _anchored;
    private int? _seconds;

    public static async Task<(Problem? Problem, KeptFile? File)> KeepAsync(HttpRequest request, KeptFiles files, Caller caller, string? subject, string? key)
    {
        if (Refuse(request) is { } refused) return (refused, null);
        var (broken, reader) = FormParts.ReaderOf(request);
        if (broken is not null) return (broken, null);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = KeptFiles.LargestFile + Around;
        return await new FileForm(files, caller, subject, key, request.HttpContext.RequestAborted).KeepAsync(reader!);
    }

    private static Problem? Refuse(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return new Problem(ProblemKind.MediaTypeUnsupported, $"Send multipart/form-data with file and purpose, not {Phrases.Quote(request.ContentType ?? "nothing")}.");
        if (request.ContentLength == 0) return new Problem(ProblemKind.BodyEmpty, "The body is empty. Send a form with file and purpose.");
        return request.ContentLength > KeptFiles.LargestFile + Around ? FileProblems.Of(FileRefusal.LargerThan(KeptFiles.LargestFile), "file") : null;
    }

    private async Task<(Problem? Problem, KeptFile? File)> KeepAsync(MultipartReader reader)
    {
        KeptFile? kept = null;
        try
        {
            if ((await ReadAsync(reader) ?? Missing()) is { } problem) return (problem, null);
            var expires = _seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : _purpose is FilePurpose.Batch ? OfBatches : (TimeSpan?)null;
            switch (await files.KeepAsync(caller, _file!, _purpose!.Value, expires, key))
            {
                case KeepOutcome.Kept done:
                    // Kept by this upload, or by an earlier one with the same key: then what came now is forgotten already.
                    return (null, kept = done.File);
                case KeepOutcome.Refused refused:
                    _file = null;
                    return (FileProblems.Of(refused.Refusal, "file"), null);
                case var other:
                    throw new InvalidOperationException($"{other.GetType().Name} has no HTTP answer");
            }
        }
        catch (Exception broken) when (FormParts.IsBroken(broken))
        {
            return (FormParts.Broken(broken.Message), null);
        }
        finally
        {
            if (kept is null && _file is { } left) await files.ForgetAsync(left);
        }
    }

    private async Task<Problem?> ReadAsync(MultipartReader reader)
    {
        var parts = 0;
        while (await reader.ReadNextSectionAsync(callerLeft) is { } part)
        {
            if (++parts > MostParts) return FormParts.Broken($"The form may have {MostParts} parts: file, purpose, expires_after[anchor], expires_after[seconds].");
            var (broken, name, disposition) = FormParts.NameOf(part);
            if ((broken ?? (name == "file" ? await TakeFileAsync(part, disposition!) : await TakeFieldAsync(name, part.Body))) is { } problem) return problem;
        }

        return null;
    }

    private async Task<Problem?> TakeFileAsync(MultipartSection part, ContentDispositionHeaderValue disposition)
    {
        if (_file is not null) return Wrong("file", "`file` is there twice: send one file with each call.");
        if (FormParts.FileNameOf(disposition) is not { Length: > 0 } name) return Wrong("file", "`file` must be sent as a file, with its name (filename=…).");
        if (name.Length > KeptFiles.LongestName || name.EnumerateRunes().Any(Rune.IsControl))
            return Wrong("file", $"The name of a file has at most {KeptFiles.LongestName} characters, none of them a control character; this one has {name.Length}. Rename it.");
        var mediaType = part.ContentType is { Length: <= LongestMediaType } declared && MediaTypeHeaderValue.TryParse(declared, out _) ? declared : null;
        switch (await files.TakeAsync(caller, subject, name, mediaType, part.Body, callerLeft, key))
        {
            case ArrivalOutcome.Arrived arrived:
                _file = arrived.File;
                return null;
            case ArrivalOutcome.Refused refused:
                return FileProblems.Of(refused.Refusal, "file");
            case var other:
                throw new InvalidOperationException($"{other.GetType().Name} has no HTTP answer");
        }
    }

    private async Task<Problem?> TakeFieldAsync(string name, Stream content)
    {
        if (await TextAsync(content) is not { } text) return Wrong(name, $"The field {Phrases.Quote(name)} has more than {LongestField} bytes or is not UTF-8.");
        switch (name)
        {
            case "purpose":
                _purpose = FileWords.PurposeOf(text);
                return _purpose is null ? Wrong(name, FileWords.NotOne(text)) : null;
            case "expires_after[anchor]":
                _anchored = true;
                return text == "created_at" ? null : Wrong(name, $"`expires_after[anchor]` is created_at, not {Phrases.Quote(text)}.");
            case "expires_after[seconds]":
                _seconds = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= Shortest and <= Longest ? seconds : null;
                return _seconds is null ? Wrong(name, $"`expires_after[seconds]` is a number from {Shortest} to {Longest}, not {Phrases.Quote(text)}.") : null;
            default:
                return Wrong(name, $"{Phrases.Quote(name)} is no field of this form. Fields are file, purpose, expires_after[anchor] and expires_after[seconds].");
        }
    }

    private async Task<string?> TextAsync(Stream content)
    {
        var field = new byte[LongestField + 1];
        var length = await content.ReadAtLeastAsync(field, field.Length, throwOnEndOfStream: false, callerLeft);
        return length <= LongestField && Utf8.IsValid(field.AsSpan(0, length)) ? Encoding.UTF8.GetString(field, 0, length) : null;
    }

    private Problem? Missing()
    {
        if (_file is null) return Wrong("file", "The form has no `file`.");
        if (_purpose is null) return Wrong("purpose", $"The form has no `purpose`. Purposes are {FileWords.Purposes}.");
        return _anchored == _seconds is not null ? null : Wrong("expires_after", "`expires_after` needs both: expires_after[anchor]=created_at and expires_after[seconds].");
    }

    private static Problem Wrong(string param, string detail) => new(ProblemKind.InputInvalid, detail) { Param = param };
}
