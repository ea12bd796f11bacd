namespace Headway;

/// <summary>One file of a job's input: an image, a recording, a PDF.</summary>
/// <param name="Name">Field name; `file` for a raw body.</param>
/// <param name="FileName">As the caller called it, if it did. Never to be used as a path.</param>
/// <param name="MediaType">As the caller declared it.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Sha256">Of the content; 32 bytes.</param>
/// <param name="Open">Opens the content for one reading; the reader disposes of the stream.</param>
public sealed record InputFile(string Name, string? FileName, string MediaType, long Length, byte[] Sha256, Func<CancellationToken, ValueTask<Stream>> Open);
