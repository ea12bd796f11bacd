namespace Headway.Payloads.Files;

/// <summary>A file as a request names it, to be shown to a model.</summary>
/// <param name="AsImage">Nothing but an image may stand there.</param>
internal readonly record struct FileName(string Id, bool AsImage);

/// <summary>The files that one request names, found together.</summary>
internal static class NamedFiles
{
    /// <summary>Each is a reading of its own, and more than a model looks at.</summary>
    public const int Most = 100;

    /// <param name="subject">What the request is about.</param>
    /// <param name="room">Bytes that they may add to the request.</param>
    /// <returns>What is wrong with the one at that position; or all of them, in their order.</returns>
    public static (FileRefusal? Refusal, int At, IReadOnlyList<KeptFile> Files) FindNamed(this KeptFiles kept, string tenant, string? subject, IReadOnlyList<FileName> names, long room)
    {
        var files = new List<KeptFile>(names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            if (i == Most) return (FileRefusal.TooManyNamed(Most), i, []);
            var (refusal, file) = kept.FindNamed(tenant, subject, names[i]);
            if (refusal is not null) return (refusal, i, []);
            if ((room -= FileTold.LengthOf(file!)) < 0) return (FileRefusal.TooLargeToShow(), i, []);
            files.Add(file!);
        }

        return (null, 0, files);
    }

    private static (FileRefusal? Refusal, KeptFile? File) FindNamed(this KeptFiles kept, string tenant, string? subject, FileName name)
    {
        if (!FileId.TryParse(name.Id, out var id) || kept.Find(tenant, id) is not { } file) return (FileRefusal.Unknown(name.Id), null);
        if (!kept.IsFor(tenant, file, subject)) return (FileRefusal.OfSubject(id), null);
        return FileTold.TypeOf(file) is { } type && (!name.AsImage || FileTold.IsImage(type)) ? (null, file) : (FileRefusal.Unreadable(file, name.AsImage), null);
    }
}
