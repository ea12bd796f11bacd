namespace Headway.Client;

/// <summary>How a call was answered: with the result, with a job, or with a stream of events. A refusal is a <see cref="HeadwayException"/>.</summary>
public abstract record CallAnswer
{
    private CallAnswer()
    {
    }

    /// <summary>The result, inline.</summary>
    /// <param name="Result">The answer of the feature.</param>
    public sealed record Done(ResultRecord Result) : CallAnswer;

    /// <summary>The call was accepted as a job; fetch its result later.</summary>
    /// <param name="Job">The job as it was at acceptance.</param>
    public sealed record Accepted(JobRecord Job) : CallAnswer
    {
        /// <summary>`existing`: the job was there, under the call's key. `replaced`: it waited there, and has the call's input now. Null: it was made for the call.</summary>
        public string? Submission { get; init; }
    }

    /// <summary>The answer comes in pieces. Read the events to their end, or the server takes the reader for gone.</summary>
    /// <param name="Job">Id of the job.</param>
    /// <param name="Events">Once only; resumed by itself where a connection breaks.</param>
    public sealed record Streaming(string? Job, IAsyncEnumerable<JobEventRecord> Events) : CallAnswer;
}

/// <summary>The answer of a feature, byte for byte, with what the server says about it.</summary>
public sealed record ResultRecord
{
    /// <summary>The bytes of the answer.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How the bytes read: `application/json`, `text/plain`.</summary>
    public required string MediaType { get; init; }

    /// <summary>Id of the job.</summary>
    public string? Job { get; init; }

    /// <summary>Name of the model that answered. Null: none did.</summary>
    public string? Model { get; init; }

    /// <summary>US dollars. Null: no model with a price was called.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The bytes as UTF-8 text.</summary>
    public string AsText() => System.Text.Encoding.UTF8.GetString(Body.Span);
}
