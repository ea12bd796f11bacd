using System.Text.Json;
using Headway.Features;

namespace Headway.Jobs.Storage;

/// <summary>A job with which something is wrong, found by upkeep: it is reported, and the others go on.</summary>
/// <param name="Reason">What is wrong, and what became of it. Free of content.</param>
internal sealed record BadRow(JobId Job, string Reason);

/// <summary>How long a job is kept, by the definition it was accepted with.</summary>
internal static class PinnedRetention
{
    /// <summary>Kept until a person removes it: what nobody can read must not decide that something is deleted.</summary>
    public static readonly RetentionOptions Unknown = new() { Payload = null, Record = null, Dead = null };

    /// <summary>Of a definition that cannot be read it is <see cref="Unknown"/>, and the job is added to the bad ones.</summary>
    public static RetentionOptions Of(JobId job, string definition, List<BadRow> bad)
    {
        try
        {
            return FeatureDefinition.Parse(definition).Retention;
        }
#pragma warning disable CA1031 // A damaged text can break the reader in any way, and must not break the others of its batch.
        catch (Exception error)
#pragma warning restore CA1031
        {
            // Where in the text, not what it says: the words of the reader may quote a prompt.
            var place = error is JsonException { BytePositionInLine: { } at, LineNumber: { } line } ? $"line {line + 1}, byte {at}" : error.GetType().Name;
            bad.Add(new BadRow(job, $"its definition cannot be read ({place}), so its retention is not known and its record is kept"));
            return Unknown;
        }
    }
}
