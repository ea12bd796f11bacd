using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Headway.Tests;

public sealed class ExceptionPlaceTests
{
    private const string Here = "Headway.Tests.ExceptionPlaceTests";

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throws(string text) => throw new InvalidDataException(text);

    private static async Task ThrowsLaterAsync()
    {
        await Task.Yield();
        throw new InvalidDataException("later");
    }

    private static Failure Caught(Action act)
    {
        try
        {
            act();
        }
        catch (Exception error)
        {
            return Failure.Bug(error);
        }
        throw new InvalidOperationException("It did not throw.");
    }

    [Fact]
    public void The_same_place_has_the_same_fingerprint_whatever_is_said()
    {
        Caught(() => Throws("one")).Fingerprint.ShouldBe(Caught(() => Throws("two")).Fingerprint);
        Caught(() => Throws("one")).Fingerprint.ShouldBe($"handler-exception/System.IO.InvalidDataException/{Here}.Throws");
    }

    [Fact]
    public async Task A_state_machine_is_called_as_its_author_called_it()
    {
        var error = await Should.ThrowAsync<InvalidDataException>(ThrowsLaterAsync);

        Failure.Bug(error).Fingerprint.ShouldBe($"handler-exception/System.IO.InvalidDataException/{Here}.ThrowsLaterAsync");
    }

    [Fact]
    public void A_closure_belongs_to_the_method_that_holds_it()
    {
        var text = Guid.Empty.ToString();

        Caught(() => throw new InvalidDataException(text)).Fingerprint.ShouldBe($"handler-exception/System.IO.InvalidDataException/{Here}.{nameof(A_closure_belongs_to_the_method_that_holds_it)}");
    }

    [Fact]
    public async Task An_awaiting_closure_does_so_too()
    {
        var text = Guid.Empty.ToString();
        Func<Task> act = async () =>
        {
            await Task.Yield();
            throw new InvalidDataException(text);
        };

        var error = await Should.ThrowAsync<InvalidDataException>(act);

        Failure.Bug(error).Fingerprint.ShouldBe($"handler-exception/System.IO.InvalidDataException/{Here}.{nameof(An_awaiting_closure_does_so_too)}");
    }

    [Fact]
    public void What_a_library_throws_is_told_by_who_called_it() =>
        Caught(Reads).Fingerprint.ShouldEndWith($"/{Here}.Reads");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Reads() => JsonDocument.Parse("{").Dispose();

    [Fact]
    public void No_versions_of_assemblies_are_in_it() =>
        Caught(() => throw new Wrong<string>()).Fingerprint.ShouldStartWith($"handler-exception/{Here}.Wrong/");

    private sealed class Wrong<T> : Exception;
}
