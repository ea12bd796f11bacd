namespace Headway.AspNetCore.OpenAi;

/// <summary>Marks the routes of the OpenAI API: whatever goes wrong there is told in its form.</summary>
internal sealed class SpeaksOpenAi
{
    public static readonly SpeaksOpenAi Instance = new();
}
