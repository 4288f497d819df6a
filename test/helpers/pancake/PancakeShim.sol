// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IERC20, SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPancakeV3Pool} from "@pancakeswap/v3-core/contracts/interfaces/IPancakeV3Pool.sol";
import {IPancakeV3PoolDeployer} from "@pancakeswap/v3-core/contracts/interfaces/IPancakeV3PoolDeployer.sol";

/// @title The part of Pancake V3 that its package lacks, and who provides, and asks its pools what they would do
/// @notice The published creation code is kept as the code of another contract and created from there.
contract PancakeShim is IPancakeV3PoolDeployer {
    using SafeERC20 for IERC20;

    struct Parameters {
        address factory;
        address token0;
        address token1;
        uint24 fee;
        int24 tickSpacing;
    }

    struct Position {
        int24 lower;
        int24 upper;
        uint128 liquidity;
    }

    /// @notice One swap; positive `amount` is exact-in, negative exact-out
    struct TryTicks {
        bool zeroForOne;
        int256 amount;
        uint160 sqrtPriceLimitX96;
    }

    /// @notice What the pool moved, and its state after. A refused swap has `ok` false
    struct Answer {
        bool ok;
        int256 amount0;
        int256 amount1;
        uint160 sqrtPriceX96;
        int24 tick;
        uint128 liquidity;
    }

    error Told(Answer answer);
    error NotCreated();
    error TooManyAtOnce();

    Parameters public override parameters;
    address private immutable _creationCode;

    /// @param creationCode The pool's, as published
    constructor(bytes memory creationCode) {
        // PUSH2 length DUP1 PUSH1 12 PUSH1 0 CODECOPY PUSH1 0 RETURN: a contract whose code is what follows
        bytes memory init = abi.encodePacked(
            hex"61",
            uint16(creationCode.length),
            hex"80600c6000396000f3",
            creationCode
        );
        address made;
        assembly ("memory-safe") {
            made := create(0, add(init, 32), mload(init))
        }
        require(made.code.length == creationCode.length, NotCreated());
        _creationCode = made;
    }

    /// @inheritdoc IPancakeV3PoolDeployer
    function deploy(
        address factory,
        address token0,
        address token1,
        uint24 fee,
        int24 tickSpacing
    ) external override returns (address pool) {
        parameters = Parameters(factory, token0, token1, fee, tickSpacing);
        bytes32 salt = keccak256(abi.encode(token0, token1, fee));
        bytes memory init = _creationCode.code;
        assembly ("memory-safe") {
            pool := create2(0, add(init, 32), mload(init), salt)
        }
        require(pool != address(0), NotCreated());
        delete parameters;
    }

    /// @notice Mints positions, paid from this contract's balance
    function provide(IPancakeV3Pool pool, Position[] calldata positions) external {
        bytes memory tokens = abi.encode(pool.token0(), pool.token1());
        for (uint256 i = 0; i < positions.length; i++)
            pool.mint(address(this), positions[i].lower, positions[i].upper, positions[i].liquidity, tokens);
    }

    /// @notice Each swap runs in a frame that always reverts with its answer, so nothing is left behind
    function tryV3(IPancakeV3Pool pool, TryTicks[] calldata swaps) external returns (Answer[] memory answers) {
        answers = new Answer[](swaps.length);
        for (uint256 i = 0; i < swaps.length; i++) {
            TryTicks calldata asked = swaps[i];
            try pool.swap(address(this), asked.zeroForOne, asked.amount, asked.sqrtPriceLimitX96, "") {
                revert NotCreated();
            } catch (bytes memory told) {
                // A frame that ends for want of gas says nothing.
                require(told.length > 0 || gasleft() > 2 ** 24 / 64, TooManyAtOnce());
                if (told.length != 4 + 6 * 32 || bytes4(told) != Told.selector) continue;
                Answer memory answer;
                assembly ("memory-safe") {
                    answer := add(told, 36)
                }
                answers[i] = answer;
            }
        }
    }

    function pancakeV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata data) external {
        (IERC20 token0, IERC20 token1) = abi.decode(data, (IERC20, IERC20));
        if (owed0 > 0) token0.safeTransfer(msg.sender, owed0);
        if (owed1 > 0) token1.safeTransfer(msg.sender, owed1);
    }

    /// @dev The pool has already written its new price and liquidity when it asks to be paid
    function pancakeV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external view {
        IPancakeV3Pool pool = IPancakeV3Pool(msg.sender);
        (uint160 sqrtPriceX96, int24 tick, , , , , ) = pool.slot0();
        revert Told(Answer(true, amount0, amount1, sqrtPriceX96, tick, pool.liquidity()));
    }
}
