//! The one entry guard of all exported functions: a value, an error or a panic leaves native code as
//! a value or a Java exception, never as an unwound JVM frame.

use std::any::Any;

use jni::errors::ErrorPolicy;
use jni::objects::{JObject, JObjectArray, JString, JThrowable, JValue};
use jni::{Env, EnvUnowned, jni_sig, jni_str};
use sluice_core::error::Error;

/// What an exported function can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Core(#[from] Error),
    /// A JNI call failed; a Java exception may be pending, which then stands.
    #[error(transparent)]
    Jni(#[from] jni::errors::Error),
}

/// Result of the body of an exported function.
pub type Outcome<T> = Result<T, Failure>;

/// Runs the body of an exported function.
pub fn enter<'local, T: Default>(
    mut env: EnvUnowned<'local>,
    body: impl FnOnce(&mut Env<'local>) -> Outcome<T>,
) -> T {
    env.with_env(body).resolve::<ThrowTyped>()
}

struct ThrowTyped;

impl<T: Default> ErrorPolicy<T, Failure> for ThrowTyped {
    type Captures<'unowned: 'method, 'method> = ();

    fn on_error<'unowned: 'method, 'method>(
        env: &mut Env<'unowned>,
        _captures: &mut Self::Captures<'unowned, 'method>,
        failure: Failure,
    ) -> jni::errors::Result<T> {
        let error = match failure {
            Failure::Core(error) => error,
            Failure::Jni(_) if env.exception_check() => return Ok(T::default()),
            Failure::Jni(e) => Error::internal("Cannot exchange data with the JVM").caused_by(e),
        };
        throw(env, &error)?;
        Ok(T::default())
    }

    fn on_panic<'unowned: 'method, 'method>(
        env: &mut Env<'unowned>,
        _captures: &mut Self::Captures<'unowned, 'method>,
        payload: Box<dyn Any + Send + 'static>,
    ) -> jni::errors::Result<T> {
        let error = Error::internal(format!(
            "Cannot go on: native code panicked ({}); this is a bug in Sluice, please report it",
            panic_message(payload.as_ref())
        ))
        .class("SLUICE_NATIVE_PANIC");
        throw(env, &error)?;
        Ok(T::default())
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Throws the Java exception of the error's kind, its causes as a chain.
fn throw(env: &mut Env<'_>, error: &Error) -> jni::errors::Result<()> {
    let kind = env.new_string(error.kind.name())?;
    let class = env.new_string(&error.class)?;
    let message = env.new_string(&error.message)?;
    let causes = causes(env, &error.causes())?;
    let factory = env.load_class(jni_str!("io/sluice/spark/jni/NativeErrors"))?;
    let exception = env
        .call_static_method(
            factory,
            jni_str!("create"),
            jni_sig!(
                "(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;[Ljava/lang/String;)Ljava/lang/Throwable;"
            ),
            &[
                JValue::Object(&kind),
                JValue::Object(&class),
                JValue::Object(&message),
                JValue::Object(&causes),
            ],
        )?
        .l()?;
    let exception = env.cast_local::<JThrowable>(exception)?;
    match env.throw(exception) {
        // This is how the jni crate says that an exception is now pending.
        Ok(()) | Err(jni::errors::Error::JavaException) => Ok(()),
        Err(e) => Err(e),
    }
}

fn causes<'local>(
    env: &mut Env<'local>,
    messages: &[String],
) -> jni::errors::Result<JObject<'local>> {
    let array: JObjectArray<'local, JString<'local>> =
        JObjectArray::<JString>::new(env, messages.len(), JString::null())?;
    for (index, message) in messages.iter().enumerate() {
        let message = env.new_string(message)?;
        array.set_element(env, index, &message)?;
    }
    Ok(array.into())
}
